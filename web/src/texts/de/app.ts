import type { Texts } from "../en";
import { plural } from "../plural";

export const app: Texts["app"] = {
  skipToContent: "Zum Inhalt springen",
  starting: "Wardbook wird geöffnet …",
  navigation: "Hauptnavigation",
  patients: "Patienten",
  tasks: "Aufgaben",
  tasksWaiting: (count) => plural(count, "Aufgabe wartet", "Aufgaben warten"),
  sync: "Austausch",
  admin: "Team und Geräte",
  technical: "Technische Seite",
  lock: "Sperren",
  locking: "Wird gesperrt …",
  switchMember: "Person wechseln",
  memberMenu: (name) => `${name}: Menü`,
  account: "Meine Einstellungen",
  otherTab: {
    title: "Wardbook ist in einem anderen Tab offen",
    explain: "Nur ein Tab kann die Akten offen haben. Was dort gerade geschrieben wird, bleibt als Entwurf erhalten.",
    useHere: "Hier verwenden",
    asking: "Der andere Tab wird gefragt …",
    refused: "Der andere Tab antwortet nicht. Schließen Sie ihn oder alle Tabs von Wardbook und öffnen Sie es wieder.",
    notNow: "Der andere Tab zeigt einen Code, der nur einmal gezeigt wird. Schließen Sie das zuerst dort ab.",
  },
  wentDown: {
    title: "Wardbook ist unerwartet stehen geblieben",
    explain: "Gespeichertes ist sicher, und was Sie gerade schrieben, ist auf dem Stand Ihrer letzten Pause aufgehoben. Starten Sie neu und entsperren Sie.",
    startAgain: "Neu starten",
  },
  unusable: {
    title: "Wardbook kann nicht öffnen, was hier liegt",
    kept: "Es wurde nichts gelöscht.",
    sealed: "Was hier liegt, bleibt verschlossen: Der Schlüssel dazu ist nicht in diesem Browser.",
    noSiteKey: "Der Schlüssel dieses Geräts ist weg: Das Gerät wurde ausgemustert, wobei seine Schlüssel gelöscht werden, oder der Browser hat ihn verloren. Was hier liegt, lässt sich darum nicht öffnen. Alles Gesendete liegt auf dem Server. Bitten Sie um eine Einladung und treten Sie mit diesem Gerät neu bei: Eine Einladung derselben Organisation bringt einen verlorenen Schlüssel zurück. Hilft das nicht, wird gelöscht, was hier liegt, auch was nie gesendet wurde, um Platz zu machen.",
    damaged: "Was in diesem Browser gespeichert ist, ist beschädigt. Alles Gesendete liegt auf dem Server. Zeigen Sie diese Seite der Person, die Ihre Geräte betreut.",
    busy: "Ein anderes Fenster hat die Akten offen. Schließen Sie es und versuchen Sie es noch einmal.",
    giveUp: "Löschen, was hier liegt",
    giveUpTitle: "Löschen, was in diesem Browser gespeichert ist?",
    giveUpExplain: "Alles Gesendete liegt auf dem Server und kommt wieder, wenn dieses Gerät neu beitritt. Was nicht gesendet war, ist verloren. Das lässt sich nicht rückgängig machen.",
  },
  notPersisted: {
    title: "Dieser Browser könnte löschen, was hier aufbewahrt wird",
    explain: "Legen Sie Wardbook auf den Startbildschirm oder erlauben Sie ihm dauerhaften Speicher. Bis dahin: vor dem Weglegen mit dem Server austauschen.",
    ask: "Browser fragen",
    hide: "Jetzt nicht",
  },
  repaired: (kept, lost) =>
    `Der Speicher war beschädigt und wurde wieder zusammengesetzt: ${plural(kept, "Objekt", "Objekte")} erhalten, ${lost} verloren. Verlorenes kommt vom Server.`,
  leaveShown: {
    title: "Sperren ohne das, was gezeigt wird?",
    explain: "Was auf dem Bildschirm steht, wird nur dieses eine Mal gezeigt und ist dann weg.",
  },
  idle: {
    title: "Noch da?",
    explain: (seconds) => `Wardbook sperrt in ${plural(seconds, "Sekunde", "Sekunden")}. Was Sie gerade schreiben, wird für Sie aufgehoben.`,
    shownOnce: "Was hier nur einmal gezeigt wird, ist dann weg.",
    stay: "Weiterarbeiten",
    lockNow: "Jetzt sperren",
    unsealed: "Es wurde gesperrt, und was zuletzt getippt war, ließ sich nicht aufheben: Dafür war kein Platz.",
  },
  update: {
    ready: "Eine neue Version liegt bereit.",
    editing: "Sie beginnt, sobald niemand schreibt.",
    now: "Jetzt verwenden",
  },
  notFound: { title: "Diese Seite gibt es nicht", back: "Zu den Patienten" },
  crashed: {
    title: "Auf dieser Seite ging etwas schief",
    explain: "Gespeichertes ist sicher. Gehen Sie zurück oder laden Sie die App neu.",
    reload: "Neu laden",
  },
};
