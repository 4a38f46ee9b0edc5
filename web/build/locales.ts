import type { Plugin } from "vite";

/** A message file of the component library: `…/intl/…/de-DE.mjs` or `…/de-DE.mjs`. */
const MESSAGES = /[/\\](?:react-aria|react-stately|react-aria-components|@react-aria|@react-stately)[/\\].*[/\\]([a-z]{2}-[A-Z]{2})\.m?js$/;

/**
 * The component library carries its few words in thirty-four languages. Those that the app does not offer are left out,
 * which saves a fifth of the first load.
 */
export function keepTwoLocales(kept: readonly string[]): Plugin {
  return {
    name: "wardbook-locales",
    enforce: "pre",
    load(id) {
      const locale = MESSAGES.exec(id)?.[1];
      return locale === undefined || kept.includes(locale) ? null : "export default {};";
    },
  };
}
