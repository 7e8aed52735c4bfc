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
      account: "Invite somebody to make an account",
      reset: "Make a link for a new password",
    },
    instructions: {
      contact: "",
      account: "You get a link for one new account. Leave empty what you have no wish for.",
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
};
