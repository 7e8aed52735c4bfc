import type { Words } from "../language.ts";

/** Spanish. */
export const es: Words = {
  name: "Español",
  page: {
    language: "Idioma",
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
      openApp: (app) => `Conseguir ${app}`,
    },
    offered: "Crear la cuenta aquí, en el navegador",
  },
};
