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
      contact: "Du bekommst einen Link. Wer ihn öffnet, kann dein Kontakt werden.",
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
        "Dieser Benutzername ist für eine andere Einladung reserviert. Nimm einen anderen.",
    },
    refused: {
      "bad-sessionid": "Dieses Formular ist nicht mehr gültig. Beginne den Befehl von vorn.",
      "session-expired": "Dieses Formular ist nicht mehr gültig. Beginne den Befehl von vorn.",
      "bad-action": "Diesen Schritt gibt es hier nicht.",
      "malformed-action": "Diese Aktion ist hier nicht bekannt.",
    },
  },
  people: {
    joined: (who, host) => `${who} ist mit deiner Einladung zu ${host} gekommen.`,
    accepted: (who) => `${who} hat deine Einladung angenommen und ist jetzt unter deinen Kontakten.`,
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
    otherDevices: "Andere Geräte",
    allDevices: "Apps nach Gerät",
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
      `Bitte die Person, die sie dir geschickt hat, oder die Betreiber von ${site} um eine neue.`,
    askPaused: (site) =>
      `Vielleicht geht es später weiter: Versuch es dann noch einmal, oder frag die Person, die sie dir geschickt hat, oder die Betreiber von ${site}.`,
    askUnknown:
      "Vielleicht wurde der Link unterwegs abgeschnitten. Sieh nach, ob du ihn ganz hast, oder bitte um einen neuen.",
    usedAccount: "Hast du sie selbst benutzt? Dann ist dein Konto da: Melde dich mit deiner App an.",
    usedContact: "Hast du sie selbst benutzt? Dann findet ihr euch in euren Kontaktlisten.",
    usedReset: (site) =>
      `Hast du sie selbst benutzt? Dann melde dich mit deinem neuen Passwort an. Wenn nicht, sag es sofort den Betreibern von ${site}.`,
    help: "Um Hilfe bitten",
  },
  registration: {
    title: (host) => `Dein Konto bei ${host}`,
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
        "other-host": (host) => `Hier entstehen Konten bei ${host}. Lass weg, was hinter dem @ steht.`,
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
      created: "Dein Konto ist bereit.",
      contact: (jid) => `${jid} steht schon in deiner Kontaktliste.`,
      resetTitle: "Dein neues Passwort gilt",
      reset: (jid) => `Melde dich damit auf allen Geräten bei ${jid} an.`,
      open: "Meine App öffnen",
      openApp: (app) => `${app} öffnen`,
      next: "Wie es weitergeht",
      install: "Installiere eine XMPP-App, falls du noch keine hast.",
      signIn:
        "Wähle in der App, dass du dich mit einem bestehenden Konto anmeldest, nicht dass du ein neues anlegst.",
      enter: "Gib diese Adresse ein und das Passwort, das du eben gewählt hast.",
      address: "Adresse",
      server: (host) => `Fragt die App nach einem Server, ist es ${host}. Den Port lässt du, wie er ist.`,
      passwordKept:
        "Bewahre das Passwort gut auf: Niemand kann es lesen, und nur die Betreiber dieses Servers können dir ein neues geben.",
    },
  },
  sheet: {
    hint:
      "Drucke diese Seite und schneide die Karten aus. Jede ist für eine Person und öffnet beim Scannen ihre Einladung.",
    account: (place) => `Du bist zu ${place} eingeladen`,
    contact: (jid) => `Chatte mit ${jid}`,
    code: "QR-Code mit der Adresse der Einladung",
    scan: "Richte die Kamera deines Telefons auf den Code oder gib diese Adresse in einen Browser ein:",
    until: (date) => `Gültig bis ${date}.`,
    once: "Einmal verwendbar.",
  },
  joining: {
    title: (place) => `Um Aufnahme bei ${place} bitten`,
    lead: "Konten gibt es hier auf Einladung. Sag, wer du bist; die Betreiber entscheiden dann.",
    summary: "Bitte sieh dir das noch einmal an",
    name: "Dein Name",
    nameHint: "Wie wir dich nennen dürfen.",
    username: "Gewünschter Benutzername (freiwillig)",
    usernameHint: "Ist er frei, wird er für dich reserviert.",
    reach: "Wie wir dich erreichen (freiwillig)",
    reachHint: "Eine E-Mail-Adresse, eine Telefonnummer oder wer dich hier kennt.",
    message: "Nachricht (freiwillig)",
    messageHint: "Warum möchtest du dabei sein?",
    kept: "Was du schreibst, sehen nur die Betreiber. Einige Wochen nach der Entscheidung wird es gelöscht.",
    submit: "Anfrage senden",
    states: {
      waiting: {
        title: "Deine Anfrage wartet",
        text: "Noch hat niemand entschieden. Schau später wieder hier vorbei.",
      },
      declined: {
        title: "Deine Anfrage wurde abgelehnt",
        text: "Die Betreiber haben sich dagegen entschieden.",
      },
      approved: {
        title: "Deine Anfrage wurde angenommen",
        text: "Die Einladung für dich gibt es nicht mehr. Bitte die Betreiber um eine neue.",
      },
    },
    keep: "Bewahre die Adresse dieser Seite auf: Niemand außer dir hat sie, und hier findest du die Antwort.",
    withdrawHint: "Du kannst deine Anfrage zurückziehen. Was du geschrieben hast, wird dann gelöscht.",
    withdraw: "Anfrage löschen",
    messages: {
      withdrawn: { title: "Deine Anfrage ist gelöscht", text: "Nichts davon bleibt erhalten." },
      unknown: {
        title: "Diese Anfrage gibt es nicht",
        text: "Vielleicht ist die Adresse unvollständig, oder die Anfrage wurde inzwischen gelöscht.",
      },
      stale: {
        title: "Bitte versuch das noch einmal",
        text:
          "Diese Seite war lange offen oder kam von woanders. Geh zurück, lade sie neu und schick sie noch einmal ab.",
      },
    },
    mistakes: {
      name: "Gib einen Namen mit höchstens 100 Zeichen an.",
      username:
        "Das kann kein Benutzername sein. Wähle einen anderen ohne Leerzeichen und ohne @, oder lass das Feld leer.",
      reach: "Höchstens 200 Zeichen.",
      message: "Höchstens 2.000 Zeichen.",
      stale: "Diese Seite war lange offen oder kam von woanders. Bitte schick sie noch einmal ab.",
      tooOften: (seconds) =>
        `Von dort, wo du bist, kamen viele Anfragen. Versuch es in ${seconds} Sekunden noch einmal.`,
      full: "Zu viele Anfragen warten auf eine Antwort. Bitte versuch es in ein paar Tagen noch einmal.",
      unavailable: "Das geht gerade nicht. Versuch es in ein paar Minuten noch einmal.",
    },
  },
};
