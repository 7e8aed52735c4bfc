import type { Words } from "../language.ts";

/** French. */
export const fr: Words = {
  name: "Français",
  page: {
    language: "Langue",
  },
};
