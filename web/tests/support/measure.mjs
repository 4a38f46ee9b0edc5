// What is measured in the page: sizes of what is pressed, what is wider than the screen, and whether the keyboard is seen.

/** What a finger with a glove needs, and what the app promises; half a pixel is rounding. */
const SIDE_MIN = 43.5;

/** Names and sizes of what is smaller than 44 by 44 pixels. */
export function smallTargets(page) {
  return page.evaluate((least) => {
    const PRESSED = "a[href], button, input, select, textarea, summary, [role=tab], [role=option], [role=menuitem], [role=slider]";
    const isThere = (element) =>
      element.checkVisibility({ visibilityProperty: true }) && element.closest("[inert], [aria-hidden=true]") === null && element.type !== "file";
    // A link within a sentence is as high as its line (WCAG 2.5.8, inline).
    const isInline = (element) => element.tagName === "A" && getComputedStyle(element).display === "inline";
    // Only screen readers have it: it is cut off by something of one pixel.
    const isUnseen = (element) => element.parentElement?.getBoundingClientRect().width <= 1;
    // It comes into sight with the keyboard only.
    const isAside = ({ right, bottom }) => right + scrollX <= 0 || bottom + scrollY <= 0;
    const sizeOf = (element) => {
      // A tick or a dot is pressed with its words, and a field with the box that is drawn around it.
      const whole = element.matches("input, textarea, select") ? (element.closest("label") ?? element.parentElement ?? element) : element;
      const [own, around] = [element.getBoundingClientRect(), whole.getBoundingClientRect()];
      return { ...own.toJSON(), width: Math.max(own.width, around.width), height: Math.max(own.height, around.height) };
    };
    const found = [];
    for (const element of document.querySelectorAll(PRESSED)) {
      if (!isThere(element) || isInline(element) || isUnseen(element)) continue;
      const { width, height, ...place } = sizeOf(element);
      if (isAside(place) || (width >= least && height >= least)) continue;
      const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
      found.push(`${element.tagName.toLowerCase()} “${name.slice(0, 40)}”: ${Math.round(width)} × ${Math.round(height)}`);
    }
    return found;
  }, SIDE_MIN);
}

/** What has to be scrolled sideways, the page or a window above it, and the innermost elements that are beyond its edge. */
export function beyondTheEdge(page) {
  return page.evaluate(() => {
    const NAMED_MAX = 5;
    const nameOf = (element) => `${element.tagName.toLowerCase()} “${(element.textContent ?? "").trim().slice(0, 40)}”`;
    const found = [];
    for (const whole of [document.documentElement, ...document.querySelectorAll("[role=dialog], [role=alertdialog]")]) {
      const tooWide = Math.max(whole.scrollWidth - whole.clientWidth, Math.floor(whole.getBoundingClientRect().width) - innerWidth);
      if (tooWide <= 0) continue;
      const edge = Math.min(whole.getBoundingClientRect().left + whole.clientWidth, innerWidth);
      const isBeyond = (element) => element.getBoundingClientRect().right > edge;
      const inner = [...whole.querySelectorAll("*")].filter((element) => isBeyond(element) && ![...element.children].some(isBeyond));
      found.push(`${tooWide} pixels too wide: ${inner.slice(0, NAMED_MAX).map(nameOf).join(", ")}`);
    }
    return found;
  });
}

/** Waits until what was changed of the page is drawn: graphs are drawn anew after their place has another size. */
export async function drawn(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

export async function resize(page, size) {
  await page.setViewportSize(size);
  await drawn(page);
}

/** True if the element that has the keyboard, or something close around it, is drawn as having it. */
export function focusIsSeen(page) {
  return page.evaluate(() => {
    const AROUND_MAX = 3;
    let element = document.activeElement;
    for (let step = 0; element !== null && step <= AROUND_MAX; step += 1) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      if ((outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none") return true;
      element = element.parentElement;
    }
    return false;
  });
}
