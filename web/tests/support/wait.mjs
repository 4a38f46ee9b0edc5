// Waiting for what has to come, never for a time to pass.

const LOOK_MS = 100;
export const PATIENCE_MS = 60_000;

/** Looks again until there is something, and gives it. What is thrown while looking counts as nothing yet. */
export async function until(what, look, { within = PATIENCE_MS } = {}) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${within / 1000} seconds`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
