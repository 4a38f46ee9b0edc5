/** The endings that a file of a type may have; the first one is given where it has none of them. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  "application/pdf": ["pdf"],
  "image/avif": ["avif"],
  "image/gif": ["gif"],
  "image/heic": ["heic", "heif"],
  "image/jpeg": ["jpg", "jpeg"],
  "image/png": ["png"],
  "image/webp": ["webp"],
  "text/plain": ["txt", "csv", "json", "md", "xml"],
};

/** A title as the name of a file, with an ending that its type may have. */
export function fileName(title: string, type: string): string {
  const name = title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim() || "file";
  const [ending, ...others] = ENDINGS[type] ?? [];
  if (ending === undefined || [ending, ...others].some((one) => name.toLowerCase().endsWith(`.${one}`))) return name;
  return `${name}.${ending}`;
}
