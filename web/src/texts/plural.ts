/** For languages with one form for one and another for every other number, such as English and German. */
export function plural(count: number, one: string, other: string): string {
  return `${count} ${count === 1 ? one : other}`;
}
