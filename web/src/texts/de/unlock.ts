import type { Texts } from "../en";
import { plural } from "../plural";

export const unlock: Texts["unlock"] = {
  title: "Entsperren",
  recent: "Zuletzt auf diesem Gerät",
  someoneElse: "Jemand anderes",
  user: "Benutzername",
  password: "Passwort",
  submit: "Entsperren",
  working: "Wird entsperrt …",
  offline: "Kein Netz: Entsperren und Arbeiten gehen trotzdem.",
  failedBefore: (count) => `${plural(count, "Fehlversuch", "Fehlversuche")} seit dem letzten Entsperren.`,
  lastExchange: (when) => `Letzter Austausch: ${when}`,
  neverExchanged: "Es wurde noch nichts mit dem Server ausgetauscht",
  unsent: (count) => `${plural(count, "Änderung wartet", "Änderungen warten")} auf das Senden`,
  lease: {
    holds: (when) => `Dieses Gerät darf bis ${when} ohne den Server arbeiten.`,
    soon: (when) => `Bringen Sie dieses Gerät vor ${when} ins Netz: Dann muss es den Server erreichen.`,
    ended: "Dieses Gerät war zu lange ohne seinen Server. Es muss ihn erreichen, bevor sich Akten öffnen.",
    clockBack: (minutes) => `Die Uhr dieses Geräts geht ${plural(minutes, "Minute", "Minuten")} nach. Stellen Sie sie richtig; dann öffnen sich die Akten wieder.`,
  },
  waiting: {
    title: "Erst muss der Server erreicht werden",
    explain: (user) => `Das Passwort von ${user} stimmt. Die Akten öffnen sich, sobald dieses Gerät mit seinem Server ausgetauscht hat.`,
    sync: "Jetzt austauschen",
    noNetwork: "Kein Netz? Wer für den Datenschutz zuständig ist, kann die Zeit am Telefon verlängern.",
    requestLabel: "Lesen Sie das vor",
    linesLabel: "Wörter, die Ihnen vorgelesen werden",
    linesExplain: "Vier Zeilen. Groß- und Kleinschreibung ist gleich.",
    hoursLabel: "Stunden",
    extend: "Verlängern",
    extended: "Die Zeit ist verlängert. Entsperren Sie noch einmal.",
  },
  recover: {
    link: "Passwort vergessen?",
    title: "Neues Passwort mit dem Wiederherstellungscode",
    explain: "Ohne Wiederherstellungscode lädt eine verwaltende Person Sie neu ein; die Akten Ihres Teams kommen damit zurück.",
    code: "Wiederherstellungscode",
    codeExplain: "Die Wörter auf dem Blatt, das Sie beim Beitreten gedruckt haben.",
    submit: "Neues Passwort setzen",
    afterExchange: "Die Akten öffnen sich nach dem Austausch. Wählen Sie dann unter „Meine Einstellungen“ ein neues Passwort.",
  },
  joinHere: {
    link: "Auf diesem Gerät mit einer Einladung beitreten",
    title: "Auf diesem Gerät beitreten",
  },
  changePassword: {
    title: "Mein Passwort ändern",
    changed: "Ihr Passwort ist geändert. Auf anderen Geräten gilt das neue nach deren nächstem Austausch.",
  },
  newRecoveryCode: {
    title: "Neuer Wiederherstellungscode",
    explain: "Wenn das Blatt verloren ging oder jemand es gesehen hat. Der alte Code öffnet dann nichts mehr.",
    submit: "Neuen Code erzeugen",
  },
  replaceKeys: {
    title: "Meine Schlüssel ersetzen",
    explain: "Wenn jemand Ihr Passwort und eine Kopie eines Geräts gehabt haben könnte. Sie bekommen ein neues Passwort, neue Schlüssel und einen neuen Wiederherstellungscode.",
    submit: "Meine Schlüssel ersetzen",
  },
  settings: {
    title: "Meine Einstellungen",
    lead: (device) => `Sie gelten für Sie auf diesem Gerät, „${device}“.`,
    display: "Anzeige",
    idle: "Sperrt von selbst nach",
  },
};
