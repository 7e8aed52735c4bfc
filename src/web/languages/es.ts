import type { Words } from "../language.ts";

/** Spanish. */
export const es: Words = {
  name: "Español",
  page: {
    language: "Idioma",
  },
  landing: {
    accountTitle: (site) => `Tienes una invitación a ${site}`,
    accountLead: (site) =>
      `Con esta invitación puedes crear una cuenta en ${site} y chatear con cualquiera de la red XMPP.`,
    keptLead: (jid) => `Con esta invitación puedes crear la cuenta ${jid}, que está reservada para ti.`,
    contactTitle: (jid) => `${jid} quiere chatear contigo`,
    contactLead: "Acepta con tu cuenta XMPP y cada uno estará en la lista de contactos del otro.",
    contactRegisterLead: (site) =>
      `Acepta con la cuenta XMPP que tienes o crea al mismo tiempo una en ${site}.`,
    resetTitle: (jid) => `Elige una contraseña nueva para ${jid}`,
    resetLead: "Elígela aquí o en tu aplicación. Hasta entonces sigue valiendo la anterior.",
    resetAppLead:
      "Tu aplicación XMPP te pide la contraseña nueva. Hasta entonces sigue valiendo la anterior.",
    openAccount: "Aceptar en mi aplicación",
    openContact: "Añadir como contacto en mi aplicación",
    openReset: "Elegirla en mi aplicación",
    webAccount: "Crear la cuenta aquí",
    webReset: "Elegirla aquí",
    until: (when) => `Válida hasta el ${when}.`,
    once: "Solo se puede usar una vez.",
    appsTitle: "¿Aún no tienes aplicación?",
    appsLead: "Elige una para tu dispositivo. Su página explica paso a paso qué hacer.",
    appsLater: "No puede aceptar la invitación por sí misma: crea antes la cuenta aquí.",
    platforms: {
      android: "Android",
      ios: "iPhone y iPad",
      macos: "Mac",
      windows: "Windows",
      linux: "Linux",
      web: "En el navegador",
    },
    haveTitle: "Ya tengo una cuenta",
    haveAccount: (site) =>
      `¿En ${site}? Entonces inicia sesión con tu aplicación; no necesitas la invitación. ¿En otro servidor? También desde allí puedes chatear con todos en ${site}.`,
    haveContact:
      "Pulsa el botón de arriba en un dispositivo que tenga tu aplicación, o añade allí esta dirección:",
    deviceTitle: "En otro dispositivo",
    deviceLead: "Apunta con la cámara de tu teléfono a este código: abre allí esta página.",
    qrLabel: "Código QR con la dirección de esta página",
    linkTitle: "Si el botón no hace nada",
    linkLead: "Introduce esto en tu aplicación:",
    copy: "Copiar",
    copied: "Copiado",
    setUpTitle: (app) => `Configurar ${app}`,
    getApp: (app) => `Instala ${app}.`,
    openInApp: (app) => `Vuelve a esta página y abre la invitación en ${app}.`,
    openButton: (app) => `Abrir en ${app}`,
    accountFirst: "Crea tu cuenta aquí, en la web.",
    signIn: (app) => `Abre ${app} e inicia sesión con tu dirección y tu contraseña.`,
    addContact: (jid) => `Inicia sesión con tu cuenta y añade ${jid} como contacto.`,
    cannotTake: (app) =>
      `${app} no puede aceptar esta invitación por sí misma. Elige otra aplicación para ello.`,
    orWeb: "O crea la cuenta en la web y después inicia sesión con ella.",
    back: "Volver a la invitación",
    noAppTitle: "Aquí no hay ninguna aplicación con ese nombre",
    noAppLead: "La invitación sigue siendo válida. Elige una de las aplicaciones de su página.",
    used: "Esta invitación ya se ha usado",
    expired: "Esta invitación ha caducado",
    revoked: "Esta invitación se ha retirado",
    paused: "Esta invitación está en pausa",
    unknown: "Esta invitación no se conoce aquí",
    askNew: (site) => `Pide una nueva a la persona que te la envió o a quienes llevan ${site}.`,
    askPaused: (site) =>
      `Puede que se reanude: inténtalo más tarde o pregunta a la persona que te la envió o a quienes llevan ${site}.`,
    askUnknown: "Quizá el enlace se cortó por el camino. Comprueba que lo tienes entero o pide uno nuevo.",
    usedAccount: "¿La usaste tú? Entonces tu cuenta ya existe: inicia sesión con tu aplicación.",
    usedContact: "¿La usaste tú? Entonces ya os encontráis en vuestras listas de contactos.",
    usedReset: (site) =>
      `¿La usaste tú? Entonces inicia sesión con tu contraseña nueva. Si no, avisa enseguida a quienes llevan ${site}.`,
    help: "Pedir ayuda",
  },
};
