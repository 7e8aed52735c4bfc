import type { Words } from "../language.ts";

/** French. */
export const fr: Words = {
  name: "Français",
  page: {
    language: "Langue",
  },
  adhoc: {
    title: {
      contact: "Inviter un contact",
      account: "Inviter quelqu’un à créer un compte",
      reset: "Créer un lien pour un nouveau mot de passe",
    },
    instructions: {
      contact: "",
      account:
        "Vous recevrez un lien pour un nouveau compte. Laissez vide ce que vous ne souhaitez pas fixer.",
      reset:
        "La personne qui a ce lien choisit un nouveau mot de passe pour ce compte. Ne le donnez qu’à elle.",
    },
    fields: {
      "username": "Nom d’utilisateur, si vous le choisissez",
      "roster-subscription": "Nous devenons contacts l’un de l’autre",
      "ttl": "Durée de validité, par exemple 12h ou 7d",
      "max-uses": "Nombre d’utilisations possibles",
      "roles": "Rôles",
      "groups": "Groupes",
      "note": "Note",
      "accountjid": "Adresse XMPP du compte",
    },
    made: "L’invitation est prête",
    uri: "Lien pour les applications XMPP",
    landingPage: "Lien à partager",
    expire: "Valable jusqu’au",
    faults: {
      "/username": "Ce nom d’utilisateur n’est pas possible. Indiquez la partie avant le @.",
      "username-taken": "Ce nom d’utilisateur est déjà pris. Choisissez-en un autre.",
      "username-reserved":
        "Ce nom d’utilisateur est réservé pour une autre invitation. Choisissez-en un autre.",
    },
    refused: {
      "bad-sessionid": "Ce formulaire n’est plus valable. Recommencez la commande.",
      "session-expired": "Ce formulaire n’est plus valable. Recommencez la commande.",
      "bad-action": "Cette étape n’existe pas ici.",
      "malformed-action": "Cette action n’est pas connue ici.",
    },
  },
};
