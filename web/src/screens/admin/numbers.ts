/** A whole number in a range as a person types it; `undefined` for anything else. */
export function wholeNumber(text: string, low: number, high: number): number | undefined {
  const typed = text.trim();
  if (!/^\d{1,6}$/.test(typed)) return undefined;
  const value = Number(typed);
  return value >= low && value <= high ? value : undefined;
}
