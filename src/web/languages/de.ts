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
};
