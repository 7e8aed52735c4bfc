import { ofHost, setting, size, storeNames, usersStores } from "./types.ts";

/** Users' data. */
export const dataSettings = {
  "data.user_stores": ofHost(setting({
    type: usersStores,
    default: ["private", "vcard"],
    meaning:
      "The stores that users may read and write of their own, by `/data/`. Admins, and keys with `data:read` " +
      "or `data:write`, may do so with anybody's.",
  })),
  "data.admin_stores": ofHost(setting({
    type: storeNames,
    default: [],
    meaning:
      "Stores that only admins and such keys may read and write. Passwords, keys and the like of accounts are " +
      "shown as `[redacted]` unless the key has `data:secrets`; stores of tokens, keys or sessions need it.",
  })),
  "data.max_body": setting({
    type: size,
    default: 256 << 10,
    meaning: "The largest value in a request to `/data/`, in bytes.",
  }),
} as const;
