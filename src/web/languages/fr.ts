import type { Words } from "../language.ts";

/** French. */
export const fr: Words = {
  name: "Français",
  page: {
    language: "Langue",
  },
  people: {
    joined: (who, host) => `${who} a rejoint ${host} grâce à votre invitation.`,
    accepted: (who) => `${who} a accepté votre invitation et fait maintenant partie de vos contacts.`,
  },
};
