import { plural } from "../plural";

export const app = {
  skipToContent: "Skip to the content",
  starting: "Opening Wardbook …",
  navigation: "Main",
  patients: "Patients",
  tasks: "Tasks",
  tasksWaiting: (count: number) => plural(count, "task waits", "tasks wait"),
  sync: "Exchange",
  admin: "Team & devices",
  technical: "Technical page",
  lock: "Lock",
  switchMember: "Switch member",
  memberMenu: (name: string) => `${name}: menu`,
  account: "My settings",
  otherTab: {
    title: "Wardbook is open in another tab",
    explain: "One tab at a time can have the records open. What is being written there is kept as a draft.",
    useHere: "Use it here",
    asking: "Asking the other tab …",
    refused: "The other tab does not answer. Close it, or close all tabs of Wardbook, and open it again.",
  },
  unusable: {
    title: "Wardbook cannot open what is kept here",
    kept: "Nothing was deleted.",
    noSiteKey: "The key of this device is gone from the browser, so what it holds cannot be opened here any more. Everything that was sent is on the server: ask for an invite and join with this device again. That takes the place of what it holds.",
    damaged: "What is stored in this browser is damaged. Everything that was sent is on the server. Show this page to whoever looks after your devices.",
    busy: "Another window has the records open. Close it and try again.",
    giveUp: "Delete what is damaged",
    giveUpTitle: "Delete what is stored in this browser?",
    giveUpExplain: "Everything that was sent is on the server, and comes back when this device joins again. What was not sent is lost. This cannot be undone.",
  },
  notPersisted: {
    title: "This browser may delete what is kept here",
    explain: "Install Wardbook on the home screen, or allow it to keep its storage. Until then, exchange with the server before you put the device away.",
    ask: "Ask the browser",
    hide: "Not now",
  },
  repaired: (kept: number, lost: number) =>
    `The storage was damaged and was put together again: ${plural(kept, "object", "objects")} kept, ${lost} lost. What was lost comes from the server.`,
  idle: {
    title: "Still there?",
    explain: (seconds: number) => `Wardbook locks in ${plural(seconds, "second", "seconds")}. What you are writing is kept for you.`,
    stay: "Go on working",
    lockNow: "Lock now",
  },
  update: {
    ready: "A new version is ready.",
    editing: "It starts when nobody is writing.",
    now: "Use it now",
  },
  notFound: { title: "There is no such page", back: "To the patients" },
  crashed: {
    title: "Something went wrong on this page",
    explain: "What was saved is safe. Go back, or load the app again.",
    reload: "Load again",
  },
};
