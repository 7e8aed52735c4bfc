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
      "session-expired": "Este formulario ya no es válido. Empieza el comando de nuevo.",
      "bad-action": "Este paso no existe aquí.",
      "malformed-action": "Esta acción no se conoce aquí.",
    },
  },
};
