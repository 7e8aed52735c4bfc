import { flag, ofHost, setting, whole } from "./types.ts";

/** Making accounts, and setting passwords anew, in a browser. */
export const registrationSettings = {
  "registration.web": ofHost(setting({
    type: flag,
    default: true,
    meaning:
      "Whether an invite can be accepted in a browser: `/invite/TOKEN/register`, `/register`, `/register_api/`.",
  })),
  "registration.password_length": ofHost(setting({
    type: whole(200),
    default: 10,
    meaning: "The fewest characters of a password that is chosen there.",
  })),
} as const;
