import type { Words } from "../language.ts";

/** Spanish. */
export const es: Words = {
  name: "Español",
  page: {
    language: "Idioma",
  },
  adhoc: {
    title: {
      contact: "Invitar a un contacto",
      account: "Invitar a alguien a crear una cuenta",
      reset: "Crear un enlace para una contraseña nueva",
    },
    instructions: {
      contact: "",
      account: "Recibirás un enlace para una cuenta nueva. Deja vacío lo que no quieras fijar.",
      reset: "Quien tenga el enlace elige una contraseña nueva para esta cuenta. No se lo des a nadie más.",
    },
    fields: {
      "username": "Nombre de usuario, si lo eliges tú",
      "roster-subscription": "Seremos contactos el uno del otro",
      "ttl": "Válido durante, por ejemplo 12h o 7d",
      "max-uses": "Cuántas veces se puede usar",
      "roles": "Roles",
      "groups": "Grupos",
      "note": "Nota",
      "accountjid": "Dirección XMPP de la cuenta",
    },
    made: "La invitación está lista",
    uri: "Enlace para aplicaciones XMPP",
    landingPage: "Enlace para compartir",
    expire: "Válido hasta",
    faults: {
      "/username": "Esto no puede ser un nombre de usuario. Indica la parte antes de la @.",
      "username-taken": "Este nombre de usuario ya está ocupado. Elige otro.",
      "username-reserved": "Este nombre de usuario está reservado para otra invitación. Elige otro.",
    },
    refused: {
      "bad-sessionid": "Este formulario ya no es válido. Empieza el comando de nuevo.",
      "bad-action": "Este paso no existe aquí.",
      "malformed-action": "Esta acción no se conoce aquí.",
    },
  },
  people: {
    joined: (who, host) => `${who} se ha unido a ${host} con tu invitación.`,
    accepted: (who) => `${who} ha aceptado tu invitación y ya está entre tus contactos.`,
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
    appsLater:
      "Las aplicaciones con el círculo vacío no pueden aceptar la invitación por sí mismas: crea antes la cuenta aquí.",
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
  registration: {
    title: (host) => `Crea tu cuenta en ${host}`,
    lead:
      "Elige un nombre de usuario y una contraseña. No hace falta correo electrónico ni número de teléfono.",
    keptLead: (jid) => `La dirección ${jid} está reservada para ti. Elige una contraseña y será tuya.`,
    contactLead: (jid) => `${jid} y tú estaréis en la lista de contactos del otro.`,
    username: "Nombre de usuario",
    usernameHint: "Con este nombre te escribirán los demás. Después no se puede cambiar.",
    password: "Contraseña",
    passwordHint: (length) =>
      `Al menos ${length} caracteres. Van bien varias palabras que solo tú juntarías.`,
    repeat: "Contraseña otra vez",
    show: "Mostrar la contraseña",
    submit: "Crear la cuenta",
    inApp: "¿Tienes una aplicación XMPP? Abre en ella la invitación",
    resetTitle: (jid) => `Elige una contraseña nueva para ${jid}`,
    resetLead: "Se cerrará tu sesión en todas partes y volverás a entrar con la contraseña nueva.",
    newPassword: "Contraseña nueva",
    resetSubmit: "Guardar la contraseña",
    summary: "Revisa esto, por favor",
    stillGood: "No se ha perdido nada: tu invitación sigue siendo válida.",
    mistakes: {
      username: {
        missing: "Elige un nombre de usuario.",
        unusable:
          "Un nombre de usuario no lleva espacios ni ninguno de los signos \" & ' / : < > @. Elige otro.",
        "too-long": "Este nombre de usuario es demasiado largo. Elige uno más corto.",
        "other-host": (host) => `Aquí se crean cuentas en ${host}. Quita lo que va detrás de la @.`,
        taken: "Este nombre de usuario ya está ocupado. Elige otro.",
        reserved: "Este nombre de usuario está reservado para otra persona. Elige otro.",
      },
      password: {
        missing: "Elige una contraseña.",
        unusable:
          "Contiene caracteres que no se pueden escribir en todas partes. Usa letras, cifras, signos y espacios.",
        "too-long": "Esta contraseña es demasiado larga. Elige una más corta.",
        "too-short": (length) => `La contraseña debe tener al menos ${length} caracteres.`,
        "holds-username": "La contraseña no debe contener tu nombre de usuario.",
        "holds-host": (host) => `La contraseña no debe contener ${host}.`,
      },
      repeat: "Las dos contraseñas son distintas. Escribe dos veces la misma.",
    },
    stale:
      "Esta página estuvo abierta mucho tiempo o venía de otro sitio. Escribe la contraseña de nuevo y envíala otra vez.",
    busy:
      "Alguien está usando esta invitación ahora mismo. ¿Has sido tú? Prueba a entrar. Si no, inténtalo de nuevo en dos minutos.",
    tooOften: (seconds) => `Ha fallado demasiadas veces. Inténtalo de nuevo en ${seconds} segundos.`,
    unavailable: "Ahora mismo no es posible. Inténtalo de nuevo en unos minutos.",
    inDoubt:
      "El servidor no ha respondido a tiempo. Prueba a entrar; si no funciona, inténtalo aquí de nuevo en dos minutos.",
    refused: (reason) => `El servidor no acepta este registro: ${reason}`,
    mismatch: (username) => `Esta invitación es para el nombre de usuario ${username}.`,
    done: {
      title: "¡Te damos la bienvenida!",
      created: (jid) => `Tu cuenta ${jid} está lista.`,
      contact: (jid) => `${jid} ya está en tu lista de contactos.`,
      resetTitle: "Tu contraseña nueva está guardada",
      reset: (jid) => `Entra con ella en ${jid} en todos tus dispositivos.`,
      next: "Qué hacer ahora",
      install: "Instala una aplicación XMPP, si aún no tienes ninguna.",
      signIn: "En la aplicación, elige entrar con una cuenta que ya existe, no crear una nueva.",
      enter: "Escribe esta dirección y la contraseña que acabas de elegir.",
      address: "Dirección",
      server: (host) => `Si la aplicación pide un servidor, es ${host}. Deja el puerto como está.`,
      passwordKept:
        "Guarda bien la contraseña: nadie puede leerla, y solo quienes llevan este servidor pueden darte una nueva.",
    },
  },
};
