import type { Words } from "../language.ts";

/** German. */
export const de: Words = {
  name: "Deutsch",
  page: {
    language: "Sprache",
  },
  sheet: {
    hint:
      "Drucke diese Seite und schneide die Karten aus. Jede ist für eine Person und öffnet beim Scannen ihre Einladung.",
    account: (place) => `Du bist zu ${place} eingeladen`,
    contact: (jid) => `Chatte mit ${jid}`,
    code: "QR-Code mit der Adresse der Einladung",
    scan: "Richte die Kamera deines Telefons auf den Code oder gib diese Adresse in einen Browser ein:",
    until: (date) => `Gültig bis ${date}.`,
    once: "Einmal verwendbar.",
  },
  joining: {
    title: (place) => `Um Aufnahme bei ${place} bitten`,
    lead: "Konten gibt es hier auf Einladung. Sag, wer du bist; die Betreiber entscheiden dann.",
    summary: "Bitte sieh dir das noch einmal an",
    name: "Dein Name",
    nameHint: "Wie wir dich nennen dürfen.",
    username: "Gewünschter Benutzername (freiwillig)",
    usernameHint: "Ist er frei, wird er für dich reserviert.",
    reach: "Wie wir dich erreichen (freiwillig)",
    reachHint: "Eine E-Mail-Adresse, eine Telefonnummer oder wer dich hier kennt.",
    message: "Nachricht (freiwillig)",
    messageHint: "Warum möchtest du dabei sein?",
    kept: "Was du schreibst, sehen nur die Betreiber. Einige Wochen nach der Entscheidung wird es gelöscht.",
    submit: "Anfrage senden",
    states: {
      waiting: {
        title: "Deine Anfrage wartet",
        text: "Noch hat niemand entschieden. Schau später wieder hier vorbei.",
      },
      declined: {
        title: "Deine Anfrage wurde abgelehnt",
        text: "Die Betreiber haben sich dagegen entschieden.",
      },
      approved: {
        title: "Deine Anfrage wurde angenommen",
        text: "Die Einladung für dich gibt es nicht mehr. Bitte die Betreiber um eine neue.",
      },
    },
    keep: "Bewahre die Adresse dieser Seite auf: Niemand außer dir hat sie, und hier findest du die Antwort.",
    withdrawHint: "Du kannst deine Anfrage zurückziehen. Was du geschrieben hast, wird dann gelöscht.",
    withdraw: "Anfrage löschen",
    messages: {
      withdrawn: { title: "Deine Anfrage ist gelöscht", text: "Nichts davon bleibt erhalten." },
      unknown: {
        title: "Diese Anfrage gibt es nicht",
        text: "Vielleicht ist die Adresse unvollständig, oder die Anfrage wurde inzwischen gelöscht.",
      },
      stale: {
        title: "Bitte versuch das noch einmal",
        text:
          "Diese Seite war lange offen oder kam von woanders. Geh zurück, lade sie neu und schick sie noch einmal ab.",
      },
    },
    mistakes: {
      name: "Gib einen Namen mit höchstens 100 Zeichen an.",
      username:
        "Das kann kein Benutzername sein. Wähle einen anderen ohne Leerzeichen und ohne @, oder lass das Feld leer.",
      reach: "Höchstens 200 Zeichen.",
      message: "Höchstens 2.000 Zeichen.",
      stale: "Diese Seite war lange offen oder kam von woanders. Bitte schick sie noch einmal ab.",
      tooOften: (seconds) =>
        `Von dort, wo du bist, kamen viele Anfragen. Versuch es in ${seconds} Sekunden noch einmal.`,
      full: "Zu viele Anfragen warten auf eine Antwort. Bitte versuch es in ein paar Tagen noch einmal.",
      unavailable: "Das geht gerade nicht. Versuch es in ein paar Minuten noch einmal.",
    },
  },
};
