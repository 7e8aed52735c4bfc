/** Somebody whose password was right a little while ago; Prosody tells whether it still is. */
export interface Login {
  readonly user: string;
  /** What only we can make of this password, and Prosody remembers in its place. */
  readonly proof: string;
}

/** A question about what a host's users have stored. Names are as Prosody compares them. */
export type StoredCall =
  & {
    /** Who asks, if it is a user. */
    readonly login?: Login | undefined;
    /** Whether that has to be an admin. */
    readonly admin?: boolean | undefined;
  }
  & (
    | { readonly call: "nothing" }
    | { readonly call: "check"; readonly user: string; readonly password: string; readonly proof: string }
    | { readonly call: "get"; readonly user: string; readonly store: string }
    | {
      readonly call: "set";
      readonly user: string;
      readonly store: string;
      /** SHA-256, as hex, of the text that was read: nothing happens if it is another now. */
      readonly was: string;
      /** A Lua literal (`writeLua`, wire); absent to remove what there is. */
      readonly value?: string | undefined;
    }
  );

/**
 * What became of a call:
 * `value` and `list`: what there is, as a Lua literal of ASCII characters; equal values are equal texts.
 * `nothing`: there is nothing. `done`: it was done, or the password is right; after a change with the SHA-256, as hex,
 * of the text that is there now.
 * `stranger`: the login is not, or no longer, known; or the password is wrong. `forbidden`: no admin.
 * `no-user`: there is no such account. `changed`: another text than `was` is there now.
 * `altered`: this storage would not keep the value as it is; what was there is there again.
 * `too-large`: more than one answer may hold. `failed`: Prosody's log tells why.
 */
export type StoredAnswer =
  | { readonly is: "value" | "list" | "done"; readonly text: string }
  | {
    readonly is:
      | "nothing"
      | "stranger"
      | "forbidden"
      | "no-user"
      | "changed"
      | "altered"
      | "too-large"
      | "failed";
  };

/** What users have stored in Prosody, by way of its storage manager. */
export interface StoredData {
  /**
   * Calls of one turn of the event loop go out together, and equal questions among them once.
   * @throws Problem `store-unavailable` if Prosody is not there or too slow: a change may then have been made or not
   */
  ask(host: string, call: StoredCall): Promise<StoredAnswer>;
}
