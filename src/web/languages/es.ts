import type { Words } from "../language.ts";

/** Spanish. */
export const es: Words = {
  name: "Español",
  page: {
    language: "Idioma",
  },
  sheet: {
    hint:
      "Imprime esta página y recorta las tarjetas. Cada una es para una persona y abre su invitación al escanearla.",
    account: (place) => `Tienes una invitación para ${place}`,
    contact: (jid) => `Chatea con ${jid}`,
    code: "Código QR con la dirección de la invitación",
    scan: "Apunta al código con la cámara de tu teléfono o escribe esta dirección en un navegador:",
    until: (date) => `Válida hasta el ${date}.`,
    once: "Se puede usar una sola vez.",
  },
  joining: {
    title: (place) => `Pedir acceso a ${place}`,
    lead: "Aquí las cuentas son por invitación. Di quién eres y los responsables decidirán.",
    summary: "Revisa esto, por favor",
    name: "Tu nombre",
    nameHint: "Cómo podemos llamarte.",
    username: "Nombre de usuario que te gustaría (opcional)",
    usernameHint: "Si está libre, quedará reservado para ti.",
    reach: "Cómo podemos localizarte (opcional)",
    reachHint: "Un correo electrónico, un teléfono o quién te conoce aquí.",
    message: "Mensaje (opcional)",
    messageHint: "¿Por qué te gustaría unirte?",
    kept: "Solo los responsables ven lo que escribes. Se borra unas semanas después de que decidan.",
    submit: "Enviar solicitud",
    states: {
      waiting: {
        title: "Tu solicitud está en espera",
        text: "Nadie ha decidido todavía. Vuelve aquí más tarde.",
      },
      declined: { title: "Tu solicitud fue rechazada", text: "Los responsables no la han aceptado." },
      approved: {
        title: "Tu solicitud fue aceptada",
        text: "La invitación que se hizo para ti ya no existe. Pide una nueva a los responsables.",
      },
    },
    keep: "Guarda la dirección de esta página: nadie más la tiene, y aquí encontrarás la respuesta.",
    withdrawHint: "Puedes retirar tu solicitud. Lo que escribiste se borra entonces.",
    withdraw: "Borrar solicitud",
    messages: {
      withdrawn: { title: "Tu solicitud se ha borrado", text: "No se guarda nada de ella." },
      unknown: {
        title: "No hay tal solicitud",
        text: "Quizá la dirección está incompleta, o la solicitud se borró mientras tanto.",
      },
      stale: {
        title: "Inténtalo de nuevo, por favor",
        text:
          "Esta página estuvo abierta demasiado tiempo o venía de otro sitio. Vuelve atrás, recárgala y envíala otra vez.",
      },
    },
    mistakes: {
      name: "Escribe un nombre de 100 caracteres como máximo.",
      username:
        "Esto no puede ser un nombre de usuario. Elige otro, sin espacios ni @, o deja el campo vacío.",
      reach: "200 caracteres como máximo.",
      message: "2.000 caracteres como máximo.",
      stale: "Esta página estuvo abierta mucho tiempo o venía de otro sitio. Envíala otra vez, por favor.",
      tooOften: (seconds) =>
        `Hubo muchas solicitudes desde donde estás. Inténtalo de nuevo en ${seconds} segundos.`,
      full: "Demasiadas solicitudes esperan respuesta. Inténtalo de nuevo dentro de unos días.",
      unavailable: "Ahora mismo no es posible. Inténtalo de nuevo en unos minutos.",
    },
  },
};
