import type { Words } from "../language.ts";

/** French: narrow no-break spaces (U+202F) stand before its question marks and the like, no-break ones before colons. */
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
      contact: "Vous recevez un lien. Qui l’ouvre peut devenir votre contact.",
      account:
        "Vous recevrez un lien pour un nouveau compte. Laissez vide ce que vous ne souhaitez pas fixer.",
      reset:
        "La personne qui a ce lien choisit un nouveau mot de passe pour ce compte. Ne le donnez qu’à elle.",
    },
    fields: {
      "username": "Identifiant, si vous le choisissez",
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
      "/username": "Cet identifiant n’est pas possible. Indiquez la partie avant le @.",
      "username-taken": "Cet identifiant est déjà pris. Choisissez-en un autre.",
      "username-reserved": "Cet identifiant est réservé pour une autre invitation. Choisissez-en un autre.",
    },
    refused: {
      "bad-sessionid": "Ce formulaire n’est plus valable. Recommencez la commande.",
      "session-expired": "Ce formulaire n’est plus valable. Recommencez la commande.",
      "bad-action": "Cette étape n’existe pas ici.",
      "malformed-action": "Cette action n’est pas connue ici.",
    },
  },
  people: {
    joined: (who, host) => `${who} a rejoint ${host} grâce à votre invitation.`,
    accepted: (who) => `${who} a accepté votre invitation et fait maintenant partie de vos contacts.`,
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
    appsTitle: "Pas encore d’application ?",
    appsLead: "Choisissez-en une pour votre appareil. Sa page explique la marche à suivre, étape par étape.",
    appsLater: "Ne peut pas accepter l’invitation par elle-même : créez d’abord le compte ici.",
    otherDevices: "Autres appareils",
    allDevices: "Applications par appareil",
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
      `Sur ${site} ? Alors connectez-vous avec votre application ; vous n’avez pas besoin de l’invitation. Sur un autre serveur ? Vous pouvez aussi discuter de là-bas avec tout le monde sur ${site}.`,
    haveContact:
      "Appuyez sur le bouton ci-dessus sur un appareil qui a votre application, ou ajoutez-y cette adresse :",
    deviceTitle: "Sur un autre appareil",
    deviceLead: "Dirigez l’appareil photo de votre téléphone vers ce code : il y ouvre cette page.",
    qrLabel: "Code QR avec l’adresse de cette page",
    linkTitle: "Si le bouton ne fait rien",
    linkLead: "Saisissez ceci dans votre application :",
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
      `Elle peut être rétablie : réessayez plus tard, ou demandez à la personne qui vous l’a envoyée ou aux responsables de ${site}.`,
    askUnknown:
      "Le lien a peut-être été coupé en route. Vérifiez que vous l’avez en entier, ou demandez-en un nouveau.",
    usedAccount:
      "C’est vous qui l’avez utilisée ? Alors votre compte existe : connectez-vous avec votre application.",
    usedContact:
      "C’est vous qui l’avez utilisée ? Alors vous vous trouvez l’un l’autre dans vos listes de contacts.",
    usedReset: (site) =>
      `C’est vous qui l’avez utilisée ? Alors connectez-vous avec votre nouveau mot de passe. Sinon, prévenez tout de suite les responsables de ${site}.`,
    help: "Demander de l’aide",
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
    inApp: "Vous avez une application XMPP ? Ouvrez-y l’invitation",
    resetTitle: (jid) => `Choisissez un nouveau mot de passe pour ${jid}`,
    resetLead: "Vos sessions seront fermées partout ; vous vous reconnecterez avec le nouveau mot de passe.",
    newPassword: "Nouveau mot de passe",
    resetSubmit: "Enregistrer le mot de passe",
    summary: "Quelques points sont à revoir",
    stillGood: "Rien n’est perdu : votre invitation reste valable.",
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
      "Cette invitation est en cours d’utilisation. C’était vous ? Essayez de vous connecter. Sinon, réessayez dans deux minutes.",
    tooOften: (seconds) => `Trop d’essais ont échoué. Réessayez dans ${seconds} secondes.`,
    unavailable: "C’est impossible pour l’instant. Réessayez dans quelques minutes.",
    inDoubt:
      "Le serveur n’a pas répondu à temps. Essayez de vous connecter ; si cela échoue, réessayez ici dans deux minutes.",
    refused: (reason) => `Le serveur n’accepte pas cette inscription : ${reason}`,
    mismatch: (username) => `Cette invitation est pour l’identifiant ${username}.`,
    done: {
      title: "Bienvenue !",
      created: "Votre compte est prêt.",
      contact: (jid) => `${jid} est déjà dans votre liste de contacts.`,
      resetTitle: "Votre nouveau mot de passe est enregistré",
      reset: (jid) => `Connectez-vous avec lui à ${jid} sur tous vos appareils.`,
      open: "Ouvrir mon application",
      openApp: (app) => `Ouvrir ${app}`,
      next: "La suite",
      install: "Installez une application XMPP, si vous n’en avez pas encore.",
      signIn:
        "Dans l’application, choisissez de vous connecter avec un compte existant, et non d’en créer un.",
      enter: "Saisissez cette adresse et le mot de passe que vous venez de choisir.",
      address: "Adresse",
      server: (host) => `Si l’application demande un serveur, c’est ${host}. Laissez le port tel quel.`,
      passwordKept:
        "Gardez bien le mot de passe : personne ne peut le lire, et seuls les responsables de ce serveur peuvent vous en donner un nouveau.",
    },
  },
  sheet: {
    hint:
      "Imprimez cette page et découpez les cartes. Chacune est pour une personne et ouvre son invitation quand on la scanne.",
    account: (place) => `Vous avez une invitation pour ${place}`,
    contact: (jid) => `Discutez avec ${jid}`,
    code: "Code QR avec l’adresse de l’invitation",
    scan:
      "Visez le code avec l’appareil photo de votre téléphone, ou saisissez cette adresse dans un navigateur :",
    until: (date) => `Valable jusqu’au ${date}.`,
    once: "Utilisable une seule fois.",
  },
  joining: {
    title: (place) => `Demander à rejoindre ${place}`,
    lead: "Ici, on ouvre un compte sur invitation. Dites qui vous êtes ; les responsables décideront.",
    summary: "Quelques points sont à revoir",
    name: "Votre nom",
    nameHint: "Comment nous pouvons vous appeler.",
    username: "Identifiant souhaité (facultatif)",
    usernameHint: "S’il est libre, il vous sera réservé.",
    reach: "Comment vous joindre (facultatif)",
    reachHint: "Une adresse e-mail, un numéro de téléphone, ou qui vous connaît ici.",
    message: "Message (facultatif)",
    messageHint: "Pourquoi souhaitez-vous nous rejoindre ?",
    kept:
      "Seuls les responsables voient ce que vous écrivez. C’est effacé quelques semaines après leur décision.",
    submit: "Envoyer la demande",
    states: {
      waiting: {
        title: "Votre demande est en attente",
        text: "Personne n’a encore décidé. Revenez ici plus tard.",
      },
      declined: { title: "Votre demande a été refusée", text: "Les responsables ne l’ont pas acceptée." },
      approved: {
        title: "Votre demande a été acceptée",
        text:
          "L’invitation qui vous était destinée n’existe plus. Demandez-en une nouvelle aux responsables.",
      },
    },
    keep:
      "Conservez l’adresse de cette page : personne d’autre ne l’a, et c’est ici que vous trouverez la réponse.",
    withdrawHint: "Vous pouvez retirer votre demande. Ce que vous avez écrit est alors effacé.",
    withdraw: "Supprimer la demande",
    messages: {
      withdrawn: { title: "Votre demande est supprimée", text: "Il n’en reste rien." },
      unknown: {
        title: "Cette demande n’existe pas",
        text: "L’adresse est peut-être incomplète, ou la demande a été supprimée entre-temps.",
      },
      stale: {
        title: "Merci de réessayer",
        text:
          "Cette page est restée ouverte trop longtemps, ou venait d’ailleurs. Revenez en arrière, rechargez-la et renvoyez-la.",
      },
    },
    mistakes: {
      name: "Indiquez un nom de 100 caractères au plus.",
      username:
        "Ceci ne peut pas être un identifiant. Choisissez-en un autre, sans espace ni @, ou laissez ce champ vide.",
      reach: "200 caractères au plus.",
      message: "2 000 caractères au plus.",
      stale: "Cette page est restée ouverte longtemps, ou venait d’ailleurs. Merci de la renvoyer.",
      tooOften: (seconds) =>
        `Beaucoup de demandes sont venues de votre adresse. Réessayez dans ${seconds} secondes.`,
      full: "Trop de demandes attendent une réponse. Merci de réessayer dans quelques jours.",
      unavailable: "Ce n’est pas possible pour l’instant. Réessayez dans quelques minutes.",
    },
  },
};
