import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/components.css";
import "./styles/page.css";
import "./styles/shell.css";
import "./styles/print.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { keepShell } from "./app/build";
import { takeLinks } from "./app/link";
import { begin } from "./app/vaultStore";
import { loadFirstTexts } from "./texts";
import { failureOf } from "./vault";
import { toast } from "./ui";

/** For when the words of the app did not arrive. */
const NO_WORDS = "Wardbook is not here as a whole. Load the page again.";

const place = document.getElementById("root");
if (place === null) throw new Error("index.html has no #root");

takeLinks();
start(place).catch((error: unknown) => {
  console.error(error);
  place.textContent = NO_WORDS;
});

/** The vault opens while the words of the first screen are on their way. What is not needed yet comes when that screen is there. */
async function start(root: HTMLElement): Promise<void> {
  const begun = begin();
  await loadFirstTexts();
  // `CrashGuard` says what is caught, and no more of it than its kind: a message may quote a record.
  createRoot(root, { onCaughtError: () => undefined }).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  try {
    await begun;
    await keepShell();
  } catch (error) {
    toast(failureOf(error).message, "bad");
  }
}
