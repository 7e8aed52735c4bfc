import type { Words } from "../language.ts";

/** German. */
export const de: Words = {
  name: "Deutsch",
  page: {
    language: "Sprache",
  },
};
