/** English. What varies is a function's argument; plain text, escaped where it is shown. */
export const en = {
  /** The language's own name. */
  name: "English",
  page: {
    language: "Language",
  },
  /** Ad-hoc commands in a client. */
  adhoc: {
    title: {
      contact: "Invite a contact",
      account: "Invite somebody to create an account",
      reset: "Make a link for a new password",
    },
    instructions: {
      contact: "You get a link. Whoever opens it can become a contact of yours.",
      account: "You get a link for one new account. Leave empty what you do not want to set.",
      reset: "Whoever has the link sets a new password for this account. Give it to nobody else.",
    },
    fields: {
      "username": "Username, if you choose it",
      "roster-subscription": "The new user and I become contacts",
      "ttl": "Valid for, such as 12h or 7d",
      "max-uses": "How often it can be used",
      "roles": "Roles",
      "groups": "Groups",
      "note": "Note",
      "accountjid": "XMPP address of the account",
    },
    made: "The invite is made",
    uri: "Link for XMPP apps",
    landingPage: "Link to share",
    expire: "Valid until",
    faults: {
      "/username": "This cannot be a username. Give the part before the @.",
      "username-taken": "This username is taken. Choose another.",
      "username-reserved": "This username is kept for somebody who has an invite. Choose another.",
    },
    refused: {
      "bad-sessionid": "This form is out of date. Start the command again.",
      "session-expired": "This form is out of date. Start the command again.",
      "bad-action": "This step is not to be had here.",
      "malformed-action": "This action is not known here.",
    },
  },
  /** What an inviter is told; `who` is a bare JID. */
  people: {
    joined: (who: string, host: string) => `${who} has joined ${host} with your invite.`,
    accepted: (who: string) => `${who} has accepted your invite and is now among your contacts.`,
  },
  landing: {
    accountTitle: (site: string) => `You are invited to ${site}`,
    accountLead: (site: string) =>
      `With this invite you can create an account on ${site} and chat with anybody on the XMPP network.`,
    keptLead: (jid: string) => `With this invite you can create the account ${jid}, which is kept for you.`,
    contactTitle: (jid: string) => `${jid} would like to chat with you`,
    contactLead: "Accept with your XMPP account, and you are in each other's contact lists.",
    contactRegisterLead: (site: string) =>
      `Accept with the XMPP account you have, or create one on ${site} at the same time.`,
    resetTitle: (jid: string) => `Choose a new password for ${jid}`,
    resetLead: "Choose it here or in your app. Until then the old one stays as it is.",
    resetAppLead: "Your XMPP app asks you for the new password. Until then the old one stays as it is.",
    openAccount: "Accept in my app",
    openContact: "Add as a contact in my app",
    openReset: "Choose it in my app",
    webAccount: "Create the account here",
    webReset: "Choose it here",
    until: (when: string) => `Valid until ${when}.`,
    once: "It can be used once.",
    appsTitle: "No app yet?",
    appsLead: "Choose one for your device. Its page says step by step what to do.",
    appsLater: "Cannot take the invite by itself: create the account here first.",
    platforms: {
      android: "Android",
      ios: "iPhone and iPad",
      macos: "Mac",
      windows: "Windows",
      linux: "Linux",
      web: "In the browser",
    },
    haveTitle: "I already have an account",
    haveAccount: (site: string) =>
      `On ${site}? Then sign in with your app; you do not need the invite. On another server? Then you can chat with everybody on ${site} from there, too.`,
    haveContact: "Press the button above on a device that has your app, or add this address there:",
    deviceTitle: "On another device",
    deviceLead: "Point the camera of your phone at this code: it opens this page there.",
    qrLabel: "QR code with the address of this page",
    linkTitle: "If the button does nothing",
    linkLead: "Enter this in your app:",
    copy: "Copy",
    copied: "Copied",
    setUpTitle: (app: string) => `Set up ${app}`,
    getApp: (app: string) => `Install ${app}.`,
    openInApp: (app: string) => `Come back to this page and open the invite in ${app}.`,
    openButton: (app: string) => `Open in ${app}`,
    accountFirst: "Create your account here, on the web.",
    signIn: (app: string) => `Open ${app} and sign in with your address and password.`,
    addContact: (jid: string) => `Sign in with your account and add ${jid} as a contact.`,
    cannotTake: (app: string) => `${app} cannot take this invite by itself. Choose another app for it.`,
    orWeb: "Or create the account on the web, and sign in with it afterwards.",
    back: "Back to the invite",
    noAppTitle: "There is no app of this name here",
    noAppLead: "The invite is still good. Choose one of the apps on its page.",
    used: "This invite has been used",
    expired: "This invite has expired",
    revoked: "This invite was withdrawn",
    paused: "This invite is paused",
    unknown: "This invite is not known here",
    askNew: (site: string) =>
      `Ask the person who sent it to you, or the people who run ${site}, for a new one.`,
    askPaused: (site: string) =>
      `It may go on later: try again then, or ask the person who sent it to you or the people who run ${site}.`,
    askUnknown:
      "Perhaps the link was cut off on its way. Check that you have all of it, or ask for a new one.",
    usedAccount: "Was it you who used it? Then your account is there: sign in with your app.",
    usedContact: "Was it you who used it? Then you find each other in your contact lists.",
    usedReset: (site: string) =>
      `Was it you who used it? Then sign in with your new password. If not, tell the people who run ${site} at once.`,
    help: "Ask for help",
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
        "other-host": (host: string) =>
          `Accounts are created on ${host} here. Leave out what is behind the @.`,
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
      signIn: "In the app, choose to sign in with an account that exists, not to create a new one.",
      enter: "Enter this address, and the password that you have just chosen.",
      address: "Address",
      server: (host: string) => `If the app asks for a server, it is ${host}. Leave the port as it is.`,
      passwordKept:
        "Keep the password safe: nobody can read it, and only the people who run this server can give you a new one.",
    },
  },
  sheet: {
    hint:
      "Print this page and cut the cards out. Each is for one person, and opens its invite when it is scanned.",
    account: (place: string) => `You are invited to ${place}`,
    contact: (jid: string) => `Chat with ${jid}`,
    code: "QR code with the address of the invite",
    scan: "Point your phone's camera at the code, or enter this address in a browser:",
    until: (date: string) => `Valid until ${date}.`,
    once: "Can be used once.",
  },
  joining: {
    title: (place: string) => `Ask to join ${place}`,
    lead: "Accounts here are by invitation. Say who you are, and the people who run this place decide.",
    summary: "Please look at this again",
    name: "Your name",
    nameHint: "What we may call you.",
    username: "Username you would like (optional)",
    usernameHint: "If it is free, it will be kept for you.",
    reach: "How we can reach you (optional)",
    reachHint: "An email address, a phone number, or who knows you here.",
    message: "Message (optional)",
    messageHint: "Why would you like to join?",
    kept:
      "Only the people who run this place see what you write. It is deleted some weeks after they have decided.",
    submit: "Send request",
    states: {
      waiting: { title: "Your request is waiting", text: "Nobody has decided yet. Come back here later." },
      declined: {
        title: "Your request was declined",
        text: "The people who run this place have decided against it.",
      },
      approved: {
        title: "Your request was approved",
        text:
          "The invite that was made for you is no longer there. Ask the people who run this place for a new one.",
      },
    },
    keep: "Keep the address of this page: nobody but you has it, and here is where you find the answer.",
    withdrawHint: "You can take your request back. What you wrote is then deleted.",
    withdraw: "Delete request",
    messages: {
      withdrawn: { title: "Your request is deleted", text: "Nothing of it is kept." },
      unknown: {
        title: "There is no such request",
        text: "Perhaps the address was cut off on its way, or the request was deleted in the meantime.",
      },
      stale: {
        title: "Please try that again",
        text:
          "This page was open for too long, or came from somewhere else. Go back, reload it, and send it again.",
      },
    },
    mistakes: {
      name: "Give a name of up to 100 characters.",
      username:
        "This cannot be a username. Choose another, without spaces and without @, or leave this empty.",
      reach: "Use up to 200 characters.",
      message: "Use up to 2,000 characters.",
      stale: "This page was open for a long time, or came from somewhere else. Please send it once more.",
      tooOften: (seconds: number) =>
        `There were many requests from where you are. Try again in ${seconds} seconds.`,
      full: "Too many requests are waiting for an answer. Please try again in a few days.",
      unavailable: "This cannot be done just now. Try again in a few minutes.",
    },
  },
};
