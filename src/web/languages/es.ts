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
};
