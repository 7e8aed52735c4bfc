import { createHmac } from "node:crypto";
import type { Attempts } from "../core/attempts.ts";
import type { Gate } from "../core/gate.ts";
import { noSoonerThan } from "../core/no_sooner_than.ts";
import { Problem } from "../core/problem.ts";
import type { StoredAnswer, StoredData } from "../prosody/stored_data.ts";
import type { Asker, Question } from "./asker.ts";

/** What somebody says who they are (RFC 7617, 2), and from where. */
export interface Credentials {
  /** As Prosody compares it. */
  readonly user: string;
  readonly password: string;
  /** Of the network; none where it cannot be known. */
  readonly address: string | undefined;
}

export interface LoginNeeds {
  readonly stored: StoredData;
  readonly attempts: Attempts;
  /** For password checks, by host. */
  readonly gate: Gate;
  /** 32 bytes that nobody else has and that end with the program. */
  readonly proofKey: Uint8Array;
  /** What fails is told no sooner than this, ms: an unknown user takes as long as a wrong password. */
  readonly floor: number;
}

/** Makes askers of those who show a password. */
export type Logins = (host: string, credentials: Credentials) => Asker;

const longest = 1023; // characters of a password (RFC 6120 has no limit; SCRAM's messages do)

/**
 * Prosody takes 1 ms of its only thread to check a password. So it remembers a proof of it for a little while, in its
 * place: the proof can be made of the password with a key that only we have and only it has the proofs, so that the
 * password cannot be found from what either of us keeps. It forgets them when the account changes.
 */
export function createLogins({ stored, attempts, gate, proofKey, floor }: LoginNeeds): Logins {
  const underWay = new Map<string, Promise<void>>(); // equal guesses at the same time are one

  async function verify(host: string, credentials: Credentials, proof: string): Promise<void> {
    const { user, password, address } = credentials;
    const attempt = { address, host, username: user };
    const isRight = await gate.run(host, async () => {
      const tooMany = attempts.check(attempt); // in here: of those who waited, some were wrong
      if (tooMany) throw tooMany;
      const { is } = password.length > longest
        ? { is: "stranger" }
        : await stored.ask(host, { call: "check", user, password, proof });
      // Before the next is let in.
      if (is === "done") attempts.succeeded(attempt);
      else if (is === "stranger") attempts.failed(attempt);
      else {
        throw new Problem("store-unavailable", "Prosody could not check the password; its log tells why.");
      }
      return is === "done";
    });
    if (!isRight) throw wrong();
  }

  return (host, credentials) => {
    const { user, password } = credentials;
    const proof = createHmac("sha256", proofKey).update(`${host}\0${user}\0${password}`).digest("base64url");

    async function ask(question: Question): Promise<StoredAnswer> {
      const call = { ...question, login: { user, proof } };
      const answer = await stored.ask(host, call);
      if (answer.is !== "stranger") return answer;
      const check = underWay.get(proof) ??
        noSoonerThan(performance.now(), floor, () => verify(host, credentials, proof));
      underWay.set(proof, check);
      await check.finally(() => underWay.delete(proof));
      const again = await stored.ask(host, call);
      if (again.is === "stranger") throw wrong(); // changed in between
      return again;
    }

    return { host, source: `${user}@${host}`, user, scopes: [], ask };
  };
}

const wrong = () => new Problem("not-authenticated", "The username or the password is wrong.");
