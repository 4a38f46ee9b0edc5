import { plural } from "../plural";

/** By the kind of a failure: what happened and what to do next. Kinds without a text here are shown in the words that came with them. */
export const errors = {
  title: "That did not work",
  wrongPassword: "The user name or password is not right.",
  wrongCode: "The user name or code is not right.",
  tooSoon: (seconds: number) => `Too many failed attempts. Wait ${plural(seconds, "second", "seconds")}, then try again.`,
  blocked: "Too many failed attempts on this device. Unlock once with your recovery code.",
  leaseExpired: "This device has to reach its server before records open again.",
  offline: "The server was not reached. What you did is kept on this device and sent later.",
  offlineNeeded: "This needs the server, and it was not reached. Try again when there is a network.",
  serverFirst: "This needs the server once, and it was not reached. Nothing has changed. Try again where there is a network; after that you can work without one.",
  broken: "Wardbook stopped unexpectedly. What was saved is safe. Start it again.",
  storageFull: "The browser gives no more room. Nothing was lost. Make room on the device, then try again.",
  busy: "Wardbook is open in another tab or window. Close it, then try again.",
  damaged: "Something stored here is damaged. Nothing was deleted. The technical page says more.",
  noSiteKey: "The key of this device is gone from the browser. Join with this device again.",
  notFound: "There is no such record, or you were not given access to it.",
  serverCaught: "The server contradicts what it signed. Nothing of its answer was taken. Go on offline, and tell whoever runs it.",
  retired: "This device or member was retired.",
  locked: "Wardbook is locked. Unlock it and try again.",
  unexpected: "Something unexpected happened. What was saved is safe. Load the app again.",
  draftsNotSealed: "What you were writing could not be kept. Copy it before you go on.",
};
