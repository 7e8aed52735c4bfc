import type { Words } from "../language.ts";

/** French. */
export const fr: Words = {
  name: "Français",
  page: {
    language: "Langue",
  },
  landing: {
    accountTitle: (site) => `Vous êtes invité·e sur ${site}`,
    accountLead: (site) =>
      `Avec cette invitation, vous pouvez créer un compte sur ${site} et discuter avec tout le réseau XMPP.`,
    keptLead: (jid) =>
      `Avec cette invitation, vous pouvez créer le compte ${jid}, qui est réservé pour vous.`,
    contactTitle: (jid) => `${jid} souhaite discuter avec vous`,
    contactLead:
      "Acceptez avec votre compte XMPP, et vous serez chacun dans la liste de contacts de l’autre.",
    contactRegisterLead: (site) =>
      `Acceptez avec le compte XMPP que vous avez, ou créez-en un sur ${site} par la même occasion.`,
    resetTitle: (jid) => `Choisissez un nouveau mot de passe pour ${jid}`,
    resetLead: "Choisissez-le ici ou dans votre application. D’ici là, l’ancien reste valable.",
    resetAppLead:
      "Votre application XMPP vous demande le nouveau mot de passe. D’ici là, l’ancien reste valable.",
    openAccount: "Accepter dans mon application",
    openContact: "Ajouter comme contact dans mon application",
    openReset: "Le choisir dans mon application",
    webAccount: "Créer le compte ici",
    webReset: "Le choisir ici",
    until: (when) => `Valable jusqu’au ${when}.`,
    once: "Elle ne peut servir qu’une fois.",
    appsTitle: "Pas encore d’application ?",
    appsLead: "Choisissez-en une pour votre appareil. Sa page explique la marche à suivre, étape par étape.",
    appsLater: "Ne peut pas accepter l’invitation par elle-même : créez d’abord le compte ici.",
    platforms: {
      android: "Android",
      ios: "iPhone et iPad",
      macos: "Mac",
      windows: "Windows",
      linux: "Linux",
      web: "Dans le navigateur",
    },
    haveTitle: "J’ai déjà un compte",
    haveAccount: (site) =>
      `Sur ${site} ? Alors connectez-vous avec votre application ; vous n’avez pas besoin de l’invitation. Sur un autre serveur ? Vous pouvez aussi discuter de là-bas avec tout le monde sur ${site}.`,
    haveContact:
      "Appuyez sur le bouton ci-dessus sur un appareil qui a votre application, ou ajoutez-y cette adresse :",
    deviceTitle: "Sur un autre appareil",
    deviceLead: "Dirigez l’appareil photo de votre téléphone vers ce code : il y ouvre cette page.",
    qrLabel: "Code QR avec l’adresse de cette page",
    linkTitle: "Si le bouton ne fait rien",
    linkLead: "Saisissez ceci dans votre application :",
    copy: "Copier",
    copied: "Copié",
    setUpTitle: (app) => `Configurer ${app}`,
    getApp: (app) => `Installez ${app}.`,
    openInApp: (app) => `Revenez sur cette page et ouvrez l’invitation dans ${app}.`,
    openButton: (app) => `Ouvrir dans ${app}`,
    accountFirst: "Créez votre compte ici, sur le web.",
    signIn: (app) => `Ouvrez ${app} et connectez-vous avec votre adresse et votre mot de passe.`,
    addContact: (jid) => `Connectez-vous avec votre compte et ajoutez ${jid} comme contact.`,
    cannotTake: (app) =>
      `${app} ne peut pas accepter cette invitation. Choisissez une autre application pour cela.`,
    orWeb: "Ou créez le compte sur le web, puis connectez-vous avec.",
    back: "Retour à l’invitation",
    noAppTitle: "Il n’y a pas d’application de ce nom ici",
    noAppLead: "L’invitation est toujours valable. Choisissez une des applications sur sa page.",
    used: "Cette invitation a déjà servi",
    expired: "Cette invitation a expiré",
    revoked: "Cette invitation a été retirée",
    paused: "Cette invitation est suspendue",
    unknown: "Cette invitation n’est pas connue ici",
    askNew: (site) =>
      `Demandez-en une nouvelle à la personne qui vous l’a envoyée ou aux responsables de ${site}.`,
    askPaused: (site) =>
      `Elle peut être rétablie : réessayez plus tard, ou demandez à la personne qui vous l’a envoyée ou aux responsables de ${site}.`,
    askUnknown:
      "Le lien a peut-être été coupé en route. Vérifiez que vous l’avez en entier, ou demandez-en un nouveau.",
    usedAccount:
      "C’est vous qui l’avez utilisée ? Alors votre compte existe : connectez-vous avec votre application.",
    usedContact:
      "C’est vous qui l’avez utilisée ? Alors vous vous trouvez l’un l’autre dans vos listes de contacts.",
    usedReset: (site) =>
      `C’est vous qui l’avez utilisée ? Alors connectez-vous avec votre nouveau mot de passe. Sinon, prévenez tout de suite les responsables de ${site}.`,
    help: "Demander de l’aide",
  },
};
