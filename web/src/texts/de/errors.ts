import type { Texts } from "../en";
import { plural } from "../plural";

export const errors: Texts["errors"] = {
  title: "Das ging nicht",
  wrongPassword: "Benutzername oder Passwort stimmt nicht.",
  wrongCode: "Benutzername oder Code stimmt nicht.",
  tooSoon: (seconds) => `Zu viele Fehlversuche. Warten Sie ${plural(seconds, "Sekunde", "Sekunden")}, dann versuchen Sie es noch einmal.`,
  blocked: "Zu viele Fehlversuche auf diesem Gerät. Entsperren Sie einmal mit Ihrem Wiederherstellungscode.",
  leaseExpired: "Dieses Gerät muss seinen Server erreichen, bevor sich Akten wieder öffnen.",
  offline: "Der Server war nicht zu erreichen. Was Sie getan haben, bleibt auf diesem Gerät und wird später gesendet.",
  offlineNeeded: "Dafür wird der Server gebraucht, und er war nicht zu erreichen. Versuchen Sie es mit Netz noch einmal.",
  serverFirst: "Dafür wird einmal der Server gebraucht, und er war nicht zu erreichen. Es hat sich nichts geändert. Versuchen Sie es mit Netz noch einmal; danach können Sie ohne Netz arbeiten.",
  broken: "Wardbook ist unerwartet stehen geblieben. Gespeichertes ist sicher. Starten Sie es neu.",
  storageFull: "Der Browser gibt keinen Platz mehr. Es ging nichts verloren. Schaffen Sie Platz auf dem Gerät und versuchen Sie es noch einmal.",
  busy: "Wardbook ist in einem anderen Tab oder Fenster offen. Schließen Sie es und versuchen Sie es noch einmal.",
  damaged: "Etwas hier Gespeichertes ist beschädigt. Es wurde nichts gelöscht. Die technische Seite sagt mehr.",
  noSiteKey: "Der Schlüssel dieses Geräts ist aus dem Browser verschwunden. Treten Sie mit diesem Gerät neu bei.",
  notFound: "Diesen Eintrag gibt es nicht, oder Sie haben keinen Zugang dazu.",
  serverCaught: "Der Server widerspricht dem, was er unterschrieben hat. Nichts von seiner Antwort wurde übernommen. Arbeiten Sie offline weiter und sagen Sie es der Person, die ihn betreibt.",
  retired: "Dieses Gerät oder diese Person ist ausgeschieden.",
  locked: "Wardbook ist gesperrt. Entsperren Sie es und versuchen Sie es noch einmal.",
  unexpected: "Etwas Unerwartetes ist geschehen. Gespeichertes ist sicher. Laden Sie die App neu.",
  draftsNotSealed: "Was Sie gerade schrieben, konnte nicht aufgehoben werden. Kopieren Sie es, bevor Sie weitermachen.",
};
