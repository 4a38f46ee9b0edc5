// What a person waits for, by the clock of the page itself: the way from here to the browser takes no part in it.

import { until } from "./wait.mjs";

/** Notes tasks of the page from now on that hold everything else up (Long Tasks API: above 50 ms). */
export async function watchTasks(app) {
  await app.page.evaluate(() => {
    globalThis.longTasks = [];
    globalThis.taskObserver ??= new PerformanceObserver((list) => {
      globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    });
    globalThis.taskObserver.observe({ type: "longtask" });
  });
}

/** How long each of them took. */
export async function longTasks(app) {
  // Tasks are told of a moment after they have ended.
  await until("the page is quiet", () => app.page.evaluate(() => new Promise((quiet) => requestIdleCallback(() => quiet(true)))));
  return app.page.evaluate(() => globalThis.longTasks);
}

/** From pressing a link until a heading of what it leads to is drawn. */
export function opening(link, heading) {
  return link.evaluate(
    (pressed, wanted) =>
      new Promise((opened) => {
        const start = performance.now();
        const isThere = () => [...document.querySelectorAll("h2")].some(({ textContent }) => textContent === wanted);
        const look = () => requestAnimationFrame(() => (isThere() ? requestAnimationFrame(() => opened(performance.now() - start)) : look()));
        pressed.click();
        look();
      }),
    heading,
  );
}

/** Types a text; gives for each of its letters how long it took from the key until the list was its answer. */
export async function typing(field, text, listLabel) {
  await field.evaluate(watchLetters, listLabel);
  for (const [at, letter] of [...text].entries()) {
    await field.pressSequentially(letter);
    await until("the list is the answer", () => field.evaluate((_, count) => globalThis.letterTimes.length === count, at + 1));
  }
  return field.evaluate(() => globalThis.letterTimes);
}

/** Runs in the page. */
function watchLetters(field, listLabel) {
  // What follows a letter is drawn in several steps, each of which begins within a few frames.
  const QUIET_FRAMES = 6;
  globalThis.letterTimes = [];
  field.addEventListener("input", ({ timeStamp }) => {
    let changed = performance.now();
    let quiet = 0;
    const observer = new MutationObserver(() => {
      changed = performance.now();
      quiet = 0;
    });
    observer.observe(field.closest("main"), { subtree: true, childList: true, attributes: true, characterData: true });
    const look = () => {
      // Without anybody found there is no list.
      const isBusy = document.querySelector(`[aria-label="${listLabel}"]`)?.getAttribute("aria-busy") === "true";
      quiet = isBusy ? 0 : quiet + 1;
      if (quiet < QUIET_FRAMES) {
        requestAnimationFrame(look);
        return;
      }
      observer.disconnect();
      globalThis.letterTimes.push(changed - timeStamp);
    };
    requestAnimationFrame(look);
  });
}
