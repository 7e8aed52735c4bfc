/** English. What varies is a function's argument; plain text, escaped where it is shown. */
export const en = {
  /** The language's own name. */
  name: "English",
  page: {
    language: "Language",
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
    reachHint: "An e-mail address, a phone number, or who knows you here.",
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
