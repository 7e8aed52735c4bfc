import type { Words } from "../language.ts";

/** German. */
export const de: Words = {
  name: "Deutsch",
  page: {
    language: "Sprache",
  },
  landing: {
    accountTitle: (site) => `Du bist zu ${site} eingeladen`,
    accountLead: (site) =>
      `Mit dieser Einladung kannst du ein Konto bei ${site} anlegen und mit allen im XMPP-Netz chatten.`,
    keptLead: (jid) =>
      `Mit dieser Einladung kannst du das Konto ${jid} anlegen, das für dich reserviert ist.`,
    contactTitle: (jid) => `${jid} möchte mit dir chatten`,
    contactLead: "Nimm mit deinem XMPP-Konto an, und ihr steht gegenseitig in euren Kontaktlisten.",
    contactRegisterLead: (site) =>
      `Nimm mit dem XMPP-Konto an, das du hast, oder lege dabei eines bei ${site} an.`,
    resetTitle: (jid) => `Wähle ein neues Passwort für ${jid}`,
    resetLead: "Wähle es hier oder in deiner App. Bis dahin gilt das alte weiter.",
    resetAppLead: "Deine XMPP-App fragt dich nach dem neuen Passwort. Bis dahin gilt das alte weiter.",
    openAccount: "In meiner App annehmen",
    openContact: "In meiner App als Kontakt hinzufügen",
    openReset: "In meiner App wählen",
    webAccount: "Konto hier anlegen",
    webReset: "Hier wählen",
    until: (when) => `Gültig bis ${when}.`,
    once: "Sie gilt ein einziges Mal.",
    appsTitle: "Noch keine App?",
    appsLead: "Wähle eine für dein Gerät. Ihre Seite sagt dir Schritt für Schritt, was zu tun ist.",
    appsLater: "Kann die Einladung nicht selbst annehmen: Lege das Konto zuerst hier an.",
    platforms: {
      android: "Android",
      ios: "iPhone und iPad",
      macos: "Mac",
      windows: "Windows",
      linux: "Linux",
      web: "Im Browser",
    },
    haveTitle: "Ich habe schon ein Konto",
    haveAccount: (site) =>
      `Bei ${site}? Dann melde dich mit deiner App an; die Einladung brauchst du nicht. Bei einem anderen Server? Dann kannst du auch von dort mit allen bei ${site} chatten.`,
    haveContact:
      "Drücke den Knopf oben auf einem Gerät, das deine App hat, oder füge dort diese Adresse hinzu:",
    deviceTitle: "Auf einem anderen Gerät",
    deviceLead: "Richte die Kamera deines Telefons auf diesen Code: Sie öffnet dort diese Seite.",
    qrLabel: "QR-Code mit der Adresse dieser Seite",
    linkTitle: "Wenn der Knopf nichts tut",
    linkLead: "Gib das in deiner App ein:",
    copy: "Kopieren",
    copied: "Kopiert",
    setUpTitle: (app) => `${app} einrichten`,
    getApp: (app) => `Installiere ${app}.`,
    openInApp: (app) => `Komm auf diese Seite zurück und öffne die Einladung in ${app}.`,
    openButton: (app) => `In ${app} öffnen`,
    accountFirst: "Lege dein Konto hier im Web an.",
    signIn: (app) => `Öffne ${app} und melde dich mit deiner Adresse und deinem Passwort an.`,
    addContact: (jid) => `Melde dich mit deinem Konto an und füge ${jid} als Kontakt hinzu.`,
    cannotTake: (app) => `${app} kann diese Einladung nicht selbst annehmen. Wähle dafür eine andere App.`,
    orWeb: "Oder lege das Konto im Web an und melde dich danach damit an.",
    back: "Zurück zur Einladung",
    noAppTitle: "Eine App dieses Namens gibt es hier nicht",
    noAppLead: "Die Einladung gilt noch. Wähle eine der Apps auf ihrer Seite.",
    used: "Diese Einladung wurde schon benutzt",
    expired: "Diese Einladung ist abgelaufen",
    revoked: "Diese Einladung wurde zurückgezogen",
    paused: "Diese Einladung ruht gerade",
    unknown: "Diese Einladung ist hier nicht bekannt",
    askNew: (site) =>
      `Bitte die Person, die sie dir geschickt hat, oder die Leute, die ${site} betreiben, um eine neue.`,
    askPaused: (site) =>
      `Vielleicht geht es später weiter: Versuch es dann noch einmal, oder frag die Person, die sie dir geschickt hat, oder die Leute, die ${site} betreiben.`,
    askUnknown:
      "Vielleicht wurde der Link unterwegs abgeschnitten. Sieh nach, ob du ihn ganz hast, oder bitte um einen neuen.",
    usedAccount: "Hast du sie selbst benutzt? Dann ist dein Konto da: Melde dich mit deiner App an.",
    usedContact: "Hast du sie selbst benutzt? Dann findet ihr euch in euren Kontaktlisten.",
    usedReset: (site) =>
      `Hast du sie selbst benutzt? Dann melde dich mit deinem neuen Passwort an. Wenn nicht, sag es sofort den Leuten, die ${site} betreiben.`,
    help: "Um Hilfe bitten",
  },
};
