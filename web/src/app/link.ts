// A link that the page was opened with. What stands behind its # is a secret until it is used: it is read at once and taken
// out of the address bar and of the history.

import { afterShownOnce } from "./editing";
import { setLink } from "./vaultStore";

const CODE = /^#wb(?:invite|server)1/i;

export function takeLinks(): void {
  take();
  window.addEventListener("hashchange", take);
}

function take(): void {
  if (!CODE.test(location.hash)) return;
  const link = `${location.origin}/${location.hash}`;
  history.replaceState(history.state, "", location.pathname + location.search);
  afterShownOnce(() => setLink(link));
}
