import type { Words } from "../language.ts";

/** French. */
export const fr: Words = {
  name: "Français",
  page: {
    language: "Langue",
  },
  registration: {
    title: (host) => `Créez votre compte sur ${host}`,
    lead:
      "Choisissez un identifiant et un mot de passe. Ni adresse e-mail ni numéro de téléphone ne sont demandés.",
    keptLead: (jid) => `L’adresse ${jid} vous est réservée. Choisissez un mot de passe et elle est à vous.`,
    contactLead: (jid) => `${jid} et vous serez dans la liste de contacts l’un de l’autre.`,
    username: "Identifiant",
    usernameHint: "C’est le nom sous lequel on vous écrira. Il ne pourra plus être changé.",
    password: "Mot de passe",
    passwordHint: (length) =>
      `Au moins ${length} caractères. Plusieurs mots que personne d’autre n’associerait conviennent bien.`,
    repeat: "Mot de passe, encore une fois",
    show: "Afficher le mot de passe",
    submit: "Créer le compte",
    inApp: "Vous avez une application XMPP ? Ouvrez-y l’invitation",
    resetTitle: (jid) => `Choisissez un nouveau mot de passe pour ${jid}`,
    resetLead: "Vos sessions seront fermées partout ; vous vous reconnecterez avec le nouveau mot de passe.",
    newPassword: "Nouveau mot de passe",
    resetSubmit: "Enregistrer le mot de passe",
    summary: "Quelques points sont à revoir",
    stillGood: "Rien n’est perdu : votre invitation reste valable.",
    mistakes: {
      username: {
        missing: "Choisissez un identifiant.",
        unusable:
          "Un identifiant ne contient ni espace ni aucun des signes \" & ' / : < > @. Choisissez-en un autre.",
        "too-long": "Cet identifiant est trop long. Choisissez-en un plus court.",
        "other-host": (host) => `Ici, les comptes sont créés sur ${host}. Retirez ce qui suit le @.`,
        taken: "Cet identifiant est déjà pris. Choisissez-en un autre.",
        reserved: "Cet identifiant est réservé à quelqu’un d’autre. Choisissez-en un autre.",
      },
      password: {
        missing: "Choisissez un mot de passe.",
        unusable:
          "Certains caractères ne peuvent pas être saisis partout. Utilisez des lettres, des chiffres, des signes et des espaces.",
        "too-long": "Ce mot de passe est trop long. Choisissez-en un plus court.",
        "too-short": (length) => `Le mot de passe doit avoir au moins ${length} caractères.`,
        "holds-username": "Le mot de passe ne doit pas contenir votre identifiant.",
        "holds-host": (host) => `Le mot de passe ne doit pas contenir ${host}.`,
      },
      repeat: "Les deux mots de passe diffèrent. Saisissez deux fois le même.",
    },
    stale:
      "Cette page est restée ouverte longtemps ou venait d’ailleurs. Saisissez de nouveau le mot de passe et renvoyez-la.",
    busy:
      "Cette invitation est en cours d’utilisation. C’était vous ? Essayez de vous connecter. Sinon, réessayez dans deux minutes.",
    tooOften: (seconds) => `Trop d’essais ont échoué. Réessayez dans ${seconds} secondes.`,
    unavailable: "C’est impossible pour l’instant. Réessayez dans quelques minutes.",
    inDoubt:
      "Le serveur n’a pas répondu à temps. Essayez de vous connecter ; si cela échoue, réessayez ici dans deux minutes.",
    refused: (reason) => `Le serveur n’accepte pas cette inscription : ${reason}`,
    mismatch: (username) => `Cette invitation est pour l’identifiant ${username}.`,
    done: {
      title: "Bienvenue !",
      created: (jid) => `Votre compte ${jid} est prêt.`,
      contact: (jid) => `${jid} est déjà dans votre liste de contacts.`,
      resetTitle: "Votre nouveau mot de passe est enregistré",
      reset: (jid) => `Connectez-vous avec lui à ${jid} sur tous vos appareils.`,
      next: "La suite",
      install: "Installez une application XMPP, si vous n’en avez pas encore.",
      signIn:
        "Dans l’application, choisissez de vous connecter avec un compte existant, et non d’en créer un.",
      enter: "Saisissez cette adresse et le mot de passe que vous venez de choisir.",
      address: "Adresse",
      server: (host) => `Si l’application demande un serveur, c’est ${host}. Laissez le port tel quel.`,
      passwordKept:
        "Gardez bien le mot de passe : personne ne peut le lire, et seuls les responsables de ce serveur peuvent vous en donner un nouveau.",
      openApp: (app) => `Obtenir ${app}`,
    },
    offered: "Créer le compte ici, dans le navigateur",
  },
};
