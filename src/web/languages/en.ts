/** English. What varies is a function's argument; plain text, escaped where it is shown. */
export const en = {
  /** The language's own name. */
  name: "English",
  page: {
    language: "Language",
  },
  registration: {
    title: (host: string) => `Create your account on ${host}`,
    lead: "Choose a username and a password. You need no email address and no phone number.",
    keptLead: (jid: string) => `The address ${jid} is kept for you. Choose a password, and it is yours.`,
    contactLead: (jid: string) => `You and ${jid} will be in each other's contact lists.`,
    username: "Username",
    usernameHint: "Others write to you under this name. It cannot be changed later.",
    password: "Password",
    passwordHint: (length: number) =>
      `At least ${length} characters. Several words that only you put together are good.`,
    repeat: "Password once more",
    show: "Show password",
    submit: "Create account",
    inApp: "You have an XMPP app? Open the invite in it",
    resetTitle: (jid: string) => `Choose a new password for ${jid}`,
    resetLead: "You will be signed out everywhere, and sign in again with the new password.",
    newPassword: "New password",
    resetSubmit: "Set password",
    summary: "Please look at this again",
    stillGood: "Nothing is lost: your invite is as good as before.",
    mistakes: {
      username: {
        missing: "Choose a username.",
        unusable: "A username has no spaces and none of \" & ' / : < > @. Choose another.",
        "too-long": "This username is too long. Choose a shorter one.",
        "other-host": (host: string) => `Accounts are made on ${host} here. Leave out what is behind the @.`,
        taken: "This username is taken. Choose another.",
        reserved: "This username is kept for somebody else. Choose another.",
      },
      password: {
        missing: "Choose a password.",
        unusable:
          "This has characters that cannot be typed everywhere. Use letters, digits, signs and spaces.",
        "too-long": "This password is too long. Choose a shorter one.",
        "too-short": (length: number) => `The password needs at least ${length} characters.`,
        "holds-username": "The password must not contain your username.",
        "holds-host": (host: string) => `The password must not contain ${host}.`,
      },
      repeat: "The two passwords differ. Type the same one twice.",
    },
    stale:
      "This page was open for a long time, or came from elsewhere. Type the password again and send it once more.",
    busy:
      "Somebody is using this invite just now. Was it you? Try to sign in. Otherwise try again in two minutes.",
    tooOften: (seconds: number) => `This went wrong too often. Try again in ${seconds} seconds.`,
    unavailable: "This cannot be done just now. Try again in a few minutes.",
    inDoubt:
      "The server did not answer in time. Try to sign in; if that fails, try this again in two minutes.",
    refused: (reason: string) => `The server does not take this registration: ${reason}`,
    mismatch: (username: string) => `This invite is for the username ${username}.`,
    done: {
      title: "Welcome!",
      created: (jid: string) => `Your account ${jid} is ready.`,
      contact: (jid: string) => `${jid} is in your contact list already.`,
      resetTitle: "Your new password is set",
      reset: (jid: string) => `Sign in to ${jid} with it on all your devices.`,
      next: "What to do next",
      install: "Install an XMPP app, if you have none yet.",
      signIn: "In the app, choose to sign in with an account that exists, not to make a new one.",
      enter: "Enter this address, and the password that you have just chosen.",
      address: "Address",
      server: (host: string) => `If the app asks for a server, it is ${host}. Leave the port as it is.`,
      passwordKept:
        "Keep the password safe: nobody can read it, and only the people who run this server can give you a new one.",
      openApp: (app: string) => `Get ${app}`,
    },
    offered: "Create the account here, in the browser",
  },
};
