import type { Words } from "../language.ts";

/** Spanish. */
export const es: Words = {
  name: "Español",
  page: {
    language: "Idioma",
  },
  people: {
    joined: (who, host) => `${who} se ha unido a ${host} con tu invitación.`,
    accepted: (who) => `${who} ha aceptado tu invitación y ya está entre tus contactos.`,
  },
};
