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
};
