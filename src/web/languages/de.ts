import type { Words } from "../language.ts";

/** German. */
export const de: Words = {
  name: "Deutsch",
  page: {
    language: "Sprache",
  },
  people: {
    joined: (who, host) => `${who} ist mit deiner Einladung zu ${host} gekommen.`,
    accepted: (who) => `${who} hat deine Einladung angenommen und ist jetzt unter deinen Kontakten.`,
  },
};
