import type { Words } from "../language.ts";

/** French. */
export const fr: Words = {
  name: "Français",
  page: {
    language: "Langue",
  },
  sheet: {
    hint:
      "Imprimez cette page et découpez les cartes. Chacune est pour une personne et ouvre son invitation quand on la scanne.",
    account: (place) => `Vous avez une invitation pour ${place}`,
    contact: (jid) => `Discutez avec ${jid}`,
    code: "Code QR avec l’adresse de l’invitation",
    scan:
      "Visez le code avec l’appareil photo de votre téléphone, ou saisissez cette adresse dans un navigateur :",
    until: (date) => `Valable jusqu’au ${date}.`,
    once: "Utilisable une seule fois.",
  },
};
