/** English. What varies is a function's argument; plain text, escaped where it is shown. */
export const en = {
  /** The language's own name. */
  name: "English",
  page: {
    language: "Language",
  },
};
