import type { Words } from "../language.ts";

/** German. */
export const de: Words = {
  name: "Deutsch",
  page: {
    language: "Sprache",
  },
  adhoc: {
    title: {
      contact: "Kontakt einladen",
      account: "Zu einem neuen Konto einladen",
      reset: "Link für ein neues Passwort erstellen",
    },
    instructions: {
      contact: "",
      account: "Du bekommst einen Link für ein neues Konto. Lass leer, was du nicht festlegen möchtest.",
      reset: "Wer den Link hat, setzt für dieses Konto ein neues Passwort. Gib ihn sonst niemandem.",
    },
    fields: {
      "username": "Benutzername, falls du ihn vorgibst",
      "roster-subscription": "Wir werden Kontakte voneinander",
      "ttl": "Gültig für, zum Beispiel 12h oder 7d",
      "max-uses": "Wie oft er benutzt werden kann",
      "roles": "Rollen",
      "groups": "Gruppen",
      "note": "Notiz",
      "accountjid": "XMPP-Adresse des Kontos",
    },
    made: "Die Einladung ist fertig",
    uri: "Link für XMPP-Apps",
    landingPage: "Link zum Weitergeben",
    expire: "Gültig bis",
    faults: {
      "/username": "Das kann kein Benutzername sein. Gib den Teil vor dem @ an.",
      "username-taken": "Dieser Benutzername ist vergeben. Nimm einen anderen.",
      "username-reserved":
        "Dieser Benutzername ist für eine andere Einladung vorgemerkt. Nimm einen anderen.",
    },
    refused: {
      "bad-sessionid": "Dieses Formular ist nicht mehr gültig. Beginne den Befehl von vorn.",
      "session-expired": "Dieses Formular ist nicht mehr gültig. Beginne den Befehl von vorn.",
      "bad-action": "Diesen Schritt gibt es hier nicht.",
      "malformed-action": "Diese Aktion ist hier nicht bekannt.",
    },
  },
};
