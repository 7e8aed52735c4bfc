import type { Words } from "../language.ts";

/** Spanish. */
export const es: Words = {
  name: "Español",
  page: {
    language: "Idioma",
  },
};
