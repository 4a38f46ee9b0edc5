// The server's stream of news. It is read with `fetch`, as an EventSource cannot say who asks. Nothing but the size of the
// log comes over it.

import { currentVault } from "./vaultStore";

/** A stream that ended is not opened again before this, so that a server that ends them all is not run over. */
const PAUSE_MS = 30_000;

/**
 * Waits until the server has more than this device. Gives `true` when it is time to exchange, `false` when it was ended.
 * A stream that breaks off counts as news: the exchange that follows finds out why, and brings what a new stream needs.
 */
export async function waitForNews(signal: AbortSignal): Promise<boolean> {
  const { url, authorization, size } = await currentVault().newsRequest();
  try {
    const answer = await fetch(url, {
      headers: { Authorization: authorization, Accept: "text/event-stream" },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal,
    });
    if (answer.ok && answer.body !== null && (await grows(answer.body, size))) return true;
  } catch (error) {
    // Away from the network this is how every stream ends.
    if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
  }
  return pause(signal);
}

async function grows(body: ReadableStream<Uint8Array<ArrayBuffer>>, size: number): Promise<boolean> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return false;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    const news = lines.some((line) => line.startsWith("data:") && Number(line.slice("data:".length)) > size);
    if (news) {
      await reader.cancel();
      return true;
    }
  }
}

function pause(signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (goOn: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", ended);
      resolve(goOn);
    };
    const ended = () => end(false);
    const timer = setTimeout(() => end(true), PAUSE_MS);
    signal.addEventListener("abort", ended);
  });
}
