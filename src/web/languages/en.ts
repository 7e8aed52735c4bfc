/** English. What varies is a function's argument; plain text, escaped where it is shown. */
export const en = {
  /** The language's own name. */
  name: "English",
  page: {
    language: "Language",
  },
  /** What an inviter is told; `who` is a bare JID. */
  people: {
    joined: (who: string, host: string) => `${who} has joined ${host} with your invite.`,
    accepted: (who: string) => `${who} has accepted your invite and is now among your contacts.`,
  },
};
