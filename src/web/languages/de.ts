import type { Words } from "../language.ts";

/** German. */
export const de: Words = {
  name: "Deutsch",
  page: {
    language: "Sprache",
  },
  registration: {
    title: (host) => `Dein Konto auf ${host}`,
    lead: "Wähle einen Benutzernamen und ein Passwort. E-Mail-Adresse und Telefonnummer braucht es nicht.",
    keptLead: (jid) => `Die Adresse ${jid} ist für dich reserviert. Wähle ein Passwort, dann gehört sie dir.`,
    contactLead: (jid) => `Danach steht ihr beide, du und ${jid}, in der Kontaktliste des anderen.`,
    username: "Benutzername",
    usernameHint: "Unter diesem Namen schreiben dir andere. Er lässt sich später nicht ändern.",
    password: "Passwort",
    passwordHint: (length) =>
      `Mindestens ${length} Zeichen. Gut sind mehrere Wörter, die nur du so zusammenstellst.`,
    repeat: "Passwort noch einmal",
    show: "Passwort anzeigen",
    submit: "Konto anlegen",
    inApp: "Du hast eine XMPP-App? Öffne die Einladung darin",
    resetTitle: (jid) => `Neues Passwort für ${jid}`,
    resetLead: "Du wirst überall abgemeldet und meldest dich mit dem neuen Passwort wieder an.",
    newPassword: "Neues Passwort",
    resetSubmit: "Passwort setzen",
    summary: "Bitte sieh dir das noch einmal an",
    stillGood: "Nichts ist verloren: Deine Einladung gilt weiter.",
    mistakes: {
      username: {
        missing: "Wähle einen Benutzernamen.",
        unusable:
          "Ein Benutzername hat keine Leerzeichen und keines von \" & ' / : < > @. Wähle einen anderen.",
        "too-long": "Dieser Benutzername ist zu lang. Wähle einen kürzeren.",
        "other-host": (host) => `Hier entstehen Konten auf ${host}. Lass weg, was hinter dem @ steht.`,
        taken: "Dieser Benutzername ist vergeben. Wähle einen anderen.",
        reserved: "Dieser Benutzername ist für jemand anderen reserviert. Wähle einen anderen.",
      },
      password: {
        missing: "Wähle ein Passwort.",
        unusable:
          "Das enthält Zeichen, die sich nicht überall eingeben lassen. Nimm Buchstaben, Ziffern, Satzzeichen und Leerzeichen.",
        "too-long": "Dieses Passwort ist zu lang. Wähle ein kürzeres.",
        "too-short": (length) => `Das Passwort braucht mindestens ${length} Zeichen.`,
        "holds-username": "Das Passwort darf deinen Benutzernamen nicht enthalten.",
        "holds-host": (host) => `Das Passwort darf ${host} nicht enthalten.`,
      },
      repeat: "Die beiden Passwörter sind verschieden. Gib zweimal dasselbe ein.",
    },
    stale:
      "Diese Seite war lange offen oder kam von woanders. Gib das Passwort noch einmal ein und schick sie erneut ab.",
    busy:
      "Diese Einladung wird gerade benutzt. Warst du das? Dann melde dich an. Sonst versuch es in zwei Minuten noch einmal.",
    tooOften: (seconds) => `Das ging zu oft schief. Versuch es in ${seconds} Sekunden noch einmal.`,
    unavailable: "Das geht gerade nicht. Versuch es in ein paar Minuten noch einmal.",
    inDoubt:
      "Der Server hat nicht rechtzeitig geantwortet. Versuch dich anzumelden; wenn das nicht geht, versuch es hier in zwei Minuten noch einmal.",
    refused: (reason) => `Der Server nimmt diese Registrierung nicht an: ${reason}`,
    mismatch: (username) => `Diese Einladung ist für den Benutzernamen ${username}.`,
    done: {
      title: "Willkommen!",
      created: (jid) => `Dein Konto ${jid} ist bereit.`,
      contact: (jid) => `${jid} steht schon in deiner Kontaktliste.`,
      resetTitle: "Dein neues Passwort gilt",
      reset: (jid) => `Melde dich damit auf allen Geräten bei ${jid} an.`,
      next: "Wie es weitergeht",
      install: "Installiere eine XMPP-App, falls du noch keine hast.",
      signIn:
        "Wähle in der App, dass du dich mit einem bestehenden Konto anmeldest, nicht dass du ein neues anlegst.",
      enter: "Gib diese Adresse ein und das Passwort, das du eben gewählt hast.",
      address: "Adresse",
      server: (host) => `Fragt die App nach einem Server, ist es ${host}. Den Port lässt du, wie er ist.`,
      passwordKept:
        "Bewahre das Passwort gut auf: Niemand kann es lesen, und nur die Betreiber dieses Servers können dir ein neues geben.",
      openApp: (app) => `${app} holen`,
    },
    offered: "Das Konto hier im Browser anlegen",
  },
};
