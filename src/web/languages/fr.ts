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
  joining: {
    title: (place) => `Demander à rejoindre ${place}`,
    lead: "Ici, on ouvre un compte sur invitation. Dites qui vous êtes ; les responsables décideront.",
    summary: "Merci de revoir ceci",
    name: "Votre nom",
    nameHint: "Comment nous pouvons vous appeler.",
    username: "Identifiant souhaité (facultatif)",
    usernameHint: "S’il est libre, il vous sera réservé.",
    reach: "Comment vous joindre (facultatif)",
    reachHint: "Une adresse e-mail, un numéro de téléphone, ou qui vous connaît ici.",
    message: "Message (facultatif)",
    messageHint: "Pourquoi souhaitez-vous nous rejoindre ?",
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
    keep: "Conservez l’adresse de cette page : vous seul l’avez, et c’est ici que vous trouverez la réponse.",
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
