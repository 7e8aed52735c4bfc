/** Whether Prosody may have a store of this name, as far as addresses can say it. */
export const isStoreName = (text: string): boolean => /^[A-Za-z0-9_]{1,100}$/.test(text);

// A word of a store's name that tells that what is in there opens doors: Prosody's own stores and the usual modules'.
const doors = new Set(
  ("account accounts auth authz cert certs credentials fast invite invites key keys oauth oauth2 otp pass " +
    "passwd password passwords role roles sasl sasl2 secret secrets session sessions token tokens totp")
    .split(" "),
);

/**
 * Whether a store holds secrets or powers, by its name: passwords, roles, tokens, keys. Nobody reads or writes those
 * as a user; `cloud_notify` has the secrets of push services, and `smacks` what a stream is resumed by.
 */
export const isGuarded = (store: string): boolean =>
  wordsOf(store).some((word) => doors.has(word)) || /^(cloud_notify|smacks)/.test(store.toLowerCase());

/**
 * Whether there is anything in a guarded store that may be shown when its secrets are not, and they are known by the
 * names of its members: accounts and roles.
 */
export const isPartlySecret = (store: string): boolean =>
  wordsOf(store).every((word) => !doors.has(word) || /^(account|role)s?$/.test(word)) &&
  !/^(cloud_notify|smacks)/.test(store.toLowerCase());

const wordsOf = (store: string): string[] => store.toLowerCase().split("_");
