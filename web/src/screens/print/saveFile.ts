/** How long a browser may take to read the bytes after the click; it does not say when it has. */
const READ_MS_MAX = 60_000;

/** Gives a FHIR file to the browser to be saved. */
export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/fhir+json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), READ_MS_MAX);
}
