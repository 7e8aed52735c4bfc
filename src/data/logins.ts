import { hash } from "node:crypto";
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
  const secret = proofKey.toBase64();

  async function verify(host: string, credentials: Credentials, proof: string): Promise<void> {
    const { user, password, address } = credentials;
    const attempt = { address, host, username: user };
    await gate.run(host, async () => { // counted in here: whoever comes next knows how often it went wrong
      const tooMany = attempts.check(attempt);
      if (tooMany) throw tooMany;
      const { is } = password.length > longest
        ? { is: "stranger" }
        : await stored.ask(host, { call: "check", user, password, proof });
      if (is === "done") return attempts.succeeded(attempt);
      if (is !== "stranger") {
        throw new Problem("store-unavailable", "Prosody could not check the password; its log tells why.");
      }
      attempts.failed(attempt);
      throw wrong();
    });
  }

  return (host, credentials) => {
    const { user, password } = credentials;
    // With this hash a key in front is as good as HMAC (its state is never told whole), and is a third of the work.
    const proof = hash("sha512-256", `${secret}${host}\0${user}\0${password}`, "base64url");

    async function ask(question: Question): Promise<StoredAnswer> {
      const call = { ...question, login: { user, proof } };
      for (let checks = 0;; checks++) {
        const answer = await stored.ask(host, call);
        if (answer.is !== "stranger") return answer;
        if (checks === 2) throw wrong();
        // A second time if what was right a moment ago is not known now: the account was changed, or Prosody restarted.
        const check = underWay.get(proof) ??
          noSoonerThan(performance.now(), floor, () => verify(host, credentials, proof));
        underWay.set(proof, check);
        await check.finally(() => underWay.delete(proof));
      }
    }

    return { host, source: `${user}@${host}`, user, scopes: [], ask };
  };
}

const wrong = () => new Problem("not-authenticated", "The username or the password is wrong.");
