import type { Attempts } from "../core/attempts.ts";
import type { Gate } from "../core/gate.ts";
import { Problem } from "../core/problem.ts";
import { tokenKey } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { boundName, type Invite } from "../invites/invite.ts";
import type { Invites } from "../invites/invites.ts";
import type { Prosody, RegistrationAnswer } from "../prosody/prosody.ts";
import { type Mistake, MistakesProblem, type Terms } from "./mistakes.ts";
import { passwordMistake, preparePassword } from "./password.ts";
import { readUsername } from "./username.ts";

export type { Invite };

/** What somebody with an invite has filled in. */
export interface Application {
  readonly host: string;
  readonly token: string;
  /** May be left out where the invite is for one name. */
  readonly username?: string | undefined;
  readonly password: string;
  /** The password once more, if it was asked for. */
  readonly repeat?: string | undefined;
  /** Of the network; none where it cannot be known. */
  readonly address?: string | undefined;
}

/** An account that was made, or that has a new password. */
export interface Registered {
  readonly jid: string;
  readonly reset: boolean;
}

export interface Registration {
  /** Whether this is offered on this host at all. */
  isOffered(host: string): boolean;
  terms(host: string): Terms;
  /**
   * An invite that an account can be made with, or a password set.
   * @throws Problem `invite-unknown`, `invite-spent`, `invite-paused`, `invite-mismatch`, `not-found` if not offered
   */
  find(host: string, token: string): Promise<Invite>;
  /**
   * Whatever this fails with, the invite is as good as before, unless it is the invite that has ended.
   * @throws MistakesProblem; Problem as `find`, and `username-taken`, `username-reserved`, `conflict` while somebody
   * else is using the invite, `registration-refused`, `too-many-requests`, `store-unavailable`, `in-doubt`
   */
  register(application: Application): Promise<Registered>;
}

/** The username that an invite is for; `undefined` where it may be chosen. */
export function keptUsername({ type, jid, host, register, ...invite }: Invite): string | undefined {
  const username = jid.includes("@") ? jid.slice(0, jid.lastIndexOf("@")) : null;
  const kept = type === "reset"
    ? username
    : boundName({ type, username, host, register, for_jid: invite.for ?? null });
  return kept ?? undefined;
}

// What tells something to those who guess: which names there are, which tokens.
const guesses: ReadonlySet<string> = new Set(["invite-unknown", "username-taken", "username-reserved"]);

export function createRegistration(
  { invites, hosts, prosody, attempts, gate }: {
    readonly invites: Pick<Invites, "findByToken">;
    readonly hosts: Hosts;
    readonly prosody: Pick<Prosody, "register">;
    /** Of tokens and names that were wrong: by address, and by token for each address. */
    readonly attempts: Attempts;
    /** By host: Prosody takes 1 ms of its only thread to hash a password. */
    readonly gate: Gate;
  },
): Registration {
  const isOffered = (host: string) => hosts.byDomain(host).settings["registration.web"];
  const terms = (host: string) => ({
    host,
    length: hosts.byDomain(host).settings["registration.password_length"],
  });

  async function find(host: string, token: string): Promise<Invite> {
    if (!isOffered(host)) {
      throw new Problem(
        "not-found",
        "Accounts are not made in a browser here. Open the invite in an XMPP app.",
      );
    }
    const invite = await invites.findByToken(host, token);
    requireGood(invite);
    return invite;
  }

  function checkFields(invite: Invite, { host, username, password, repeat }: Application): string {
    const kept = keptUsername(invite);
    const read = username === undefined || (username === "" && kept !== undefined)
      ? kept === undefined ? { why: "missing" as const } : { username: kept }
      : readUsername(username, host);
    const mistakes: Mistake[] = read.why === undefined ? [] : [{ field: "username", why: read.why }];
    const why = passwordMistake(password, read.why === undefined ? read.username : undefined, terms(host));
    if (why !== undefined) mistakes.push({ field: "password", why });
    if (repeat !== undefined && repeat !== password) mistakes.push({ field: "repeat", why: "differs" });
    if (mistakes.length > 0 || read.why !== undefined) throw new MistakesProblem(mistakes, terms(host));
    if (kept !== undefined && read.username !== kept) {
      throw new Problem("invite-mismatch", `This invite is for the username ${kept}.`);
    }
    return read.username;
  }

  async function register(application: Application): Promise<Registered> {
    const { host, token, address } = application;
    const invite = await find(host, token);
    const username = checkFields(invite, application);
    const password = preparePassword(application.password);
    const request = { username, password, token, address: address?.replace(/\/\d+$/, "") };
    const answer = await prosody.register(host, request).catch(async (error) => {
      throw error instanceof Problem && error.code === "invite-spent" ? await whySpent(host, token) : error;
    });
    if (answer.is === "no-invite") throw await whySpent(host, token);
    if (answer.is !== "done") throw refusal(answer, terms(host));
    return { jid: answer.jid, reset: invite.type === "reset" };
  }

  /** An invite that Prosody could not use may be held by somebody whose registration is not done yet. */
  async function whySpent(host: string, token: string): Promise<Problem> {
    await find(host, token);
    return new Problem(
      "conflict",
      "Somebody is using this invite just now. If that was you, try to sign in; else try again in two minutes.",
    );
  }

  return {
    isOffered,
    terms,
    find,
    async register(application) {
      const { host, token, address } = application;
      // Many may have the same link: nobody who guesses at names with it is to keep the others out.
      const guesser = address === undefined ? tokenKey(token) : `${tokenKey(token)} ${address}`;
      const attempt = { address, host, username: guesser };
      return await gate.run(host, async () => { // counted in here: whoever comes next knows how often it went wrong
        const tooMany = attempts.check(attempt);
        if (tooMany) throw tooOften(tooMany);
        try {
          const done = await register(application);
          attempts.succeeded(attempt);
          return done;
        } catch (error) {
          if (error instanceof Problem && guesses.has(error.code)) attempts.failed(attempt);
          throw error;
        }
      });
    },
  };
}

function requireGood(invite: Invite | undefined): asserts invite is Invite {
  if (!invite) throw new Problem("invite-unknown", "This invite is not known here. Check the link.");
  if (invite.state === "paused") {
    throw new Problem(
      "invite-paused",
      "This invite is paused just now. Try again later, or ask for a new one.",
    );
  }
  if (invite.state !== "pending") {
    const ended = { used: "has been used", expired: "has expired", revoked: "was withdrawn" }[invite.state];
    throw new Problem("invite-spent", `This invite ${ended}. Ask for a new one.`);
  }
  if (invite.type === "contact" && !invite.register) {
    throw new Problem("invite-mismatch", "This invite is for adding a contact, not for a new account.");
  }
}

function refusal(answer: Exclude<RegistrationAnswer, { is: "done" | "no-invite" }>, terms: Terms): Problem {
  switch (answer.is) {
    case "bad-username":
      return new MistakesProblem([{ field: "username", why: "unusable" }], terms);
    case "bad-password":
      return new MistakesProblem([{ field: "password", why: "unusable" }], terms);
    case "refused":
      return new Problem("registration-refused", answer.text || "The server does not say why.");
    case "refused-for-now":
      return new Problem("too-many-requests", answer.text || "Try again later.", [], { retryAfter: 60 });
    case "failed":
    case "no-invite":
      return new Problem(
        "store-unavailable",
        "Prosody could not do this; its log tells why. Try again later.",
      );
  }
}

const tooOften = ({ retryAfter = 1 }: Problem) =>
  new Problem("too-many-requests", `This went wrong too often. Try again in ${retryAfter} s.`, [], {
    retryAfter,
  });
