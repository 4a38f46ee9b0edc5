import { useTexts } from "../../texts";

/**
 * Words of the records' reader in the language of whoever reads, where the catalogue has them. What a person wrote, and any
 * other word, is printed as the record has it.
 */
export function useRecordWord(): (text: string) => string {
  const { recordNames, recordCodes } = useTexts().chart;
  const words = { ...recordNames, ...recordCodes };
  return (text) => (Object.hasOwn(words, text) ? words[text] : undefined) ?? text;
}
