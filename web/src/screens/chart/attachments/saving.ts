/** How long a browser may take to read the bytes after the click; it does not say when it has. */
const READ_MS_MAX = 60_000;

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

/** Gives a file to the browser to be saved. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), READ_MS_MAX);
}

/** A title as the name of a file, with an ending that its type may have. */
export function fileName(title: string, type: string): string {
  const name = title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim() || "file";
  const [ending, ...others] = ENDINGS[type] ?? [];
  if (ending === undefined || [ending, ...others].some((one) => name.toLowerCase().endsWith(`.${one}`))) return name;
  return `${name}.${ending}`;
}
