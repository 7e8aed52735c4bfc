import { Problem } from "../core/problem.ts";
import type { StoredAnswer } from "../prosody/stored_data.ts";

/** @throws Problem for every answer that ends it */
export function demand(answer: StoredAnswer): StoredAnswer {
  switch (answer.is) {
    case "stranger":
      throw new Problem("not-authenticated", "The username or the password is wrong.");
    case "forbidden":
      throw new Problem("not-allowed", "Only an admin of this host may do this.");
    case "no-user":
      throw new Problem("not-found", "There is no such user.");
    case "too-large":
      throw new Problem("too-large", "This is more than can be read of one store here.");
    case "altered":
      throw new Problem(
        "invalid",
        "Prosody's storage would not keep this as it is (numbers with many digits, false as a member of the whole, " +
          "or bytes that are no text, where it keeps data in SQL). Nothing was changed.",
      );
    case "failed":
      throw new Problem("store-unavailable", "Prosody could not do this; its log tells why.");
  }
  return answer;
}

/** For a list: nothing where somebody may not look, and a word for what cannot be read. */
export function closed(error: unknown): "too-large" | undefined {
  if (error instanceof Problem && error.code === "not-allowed") return undefined;
  if (error instanceof Problem && error.code === "too-large") return error.code;
  throw error;
}

export const unexpected = () =>
  new Problem("store-unavailable", "Prosody gave an answer that was not expected.");
