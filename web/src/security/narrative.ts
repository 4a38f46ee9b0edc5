// The text part of a FHIR resource is XHTML that somebody else wrote. It is shown without anything that acts, loads or
// leads away (BRW-04): R4 narrative rules (https://hl7.org/fhir/R4/narrative.html), and stricter.

import DOMPurify from "dompurify";

const TAGS = [
  "a", "abbr", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt",
  "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "samp", "small", "span",
  "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
];
const ATTRIBUTES = ["colspan", "rowspan", "scope", "dir", "lang", "title"];

/** A fragment to be appended; never a string, so that nothing needs to be trusted twice. */
export function cleanNarrative(xhtml: string): DocumentFragment {
  return DOMPurify.sanitize(xhtml, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
