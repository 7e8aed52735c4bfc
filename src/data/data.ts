import type { Clock } from "../core/clock.ts";
import { luaEqual, type LuaTable, type LuaValue } from "../core/lua_value.ts";
import { writeLua } from "../core/lua_text.ts";
import { Problem } from "../core/problem.ts";
import type { Vault } from "../core/token.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { StoredAnswer } from "../prosody/stored_data.ts";
import type { Database } from "../store/database.ts";
import type { Asker } from "./asker.ts";
import { type Document, type Documents, emptyHash } from "./document.ts";
import { requireWhole } from "./redaction.ts";
import { type Place, rightTo } from "./rights.ts";
import { checkSchema } from "./schemas.ts";
import { createTurns } from "./turns.ts";
import { createVersions, type Versions } from "./versions.ts";

/** Under which conditions something is written (RFC 9110, 13.1). */
export interface Conditions {
  /** Tags without their quotes, or `*`. */
  readonly ifMatch?: readonly string[] | undefined;
  readonly ifAbsent?: boolean | undefined;
}

/** What became of a change. */
export interface Changed {
  /** Of what is there now; absent if there is nothing. */
  readonly etag?: string;
  /** Whether there was nothing before. */
  readonly isNew: boolean;
  /** Whether anything is another now. */
  readonly isChange: boolean;
}

/** One store of a user that has something in it. */
export interface Listed {
  readonly store: string;
  readonly kind: "value" | "list";
  readonly etag: string;
}

/** What users have stored in Prosody, for those who may see and change it. */
export interface UserData {
  /** Whether somebody is who they say. @throws Problem `not-authenticated` */
  identify(asker: Asker): Promise<void>;
  /** Whether somebody may do this, before their body is read. @throws Problem */
  permit(asker: Asker, place: Place, way: "read" | "write"): Promise<void>;
  /** @throws Problem `not-found` and the ways in which somebody may not */
  get(asker: Asker, place: Place): Promise<Document>;
  /** The stores of a user that have something and that the asker may read. */
  list(asker: Asker, user: string): Promise<Listed[]>;
  /**
   * Puts what `how` makes of what is there in its place, `undefined` for nothing; nobody else's change is lost.
   * @throws Problem `precondition-failed`, `invalid`, `too-large`, `conflict` and the ways in which somebody may not
   */
  change(
    asker: Asker,
    place: Place,
    how: (now: Document | undefined) => LuaValue,
    conditions?: Conditions,
  ): Promise<Changed>;
  /** Puts back what was replaced: the newest version, or this one. @throws Problem as `change`, and `not-found` */
  undo(asker: Asker, place: Place, version?: number): Promise<Changed>;
  /** What a value would look like, were it there. */
  preview(value: LuaValue): Document;
  /** What was replaced. */
  readonly versions: Versions;
}

export interface UserDataNeeds {
  readonly hosts: Hosts;
  readonly database: Database;
  readonly documents: Documents;
  readonly vault: Vault;
  readonly clock: Clock;
}

const longest = 600_000; // characters of a value as Prosody is told it: it can tell as much back
const tries = 5; // against others who change the same

export function createUserData(needs: UserDataNeeds): UserData {
  const { hosts, documents } = needs;
  const turns = createTurns(); // so that those who come from elsewhere are all there is to meet
  const versions = createVersions({ ...needs, permit });

  async function identify(asker: Asker, admin = false): Promise<void> {
    if (asker.user !== undefined) demand(await asker.ask({ call: "nothing", admin }));
  }

  async function permit(asker: Asker, place: Place, way: "read" | "write"): Promise<void> {
    const right = rightTo(hosts, asker, place, way);
    await identify(asker, "admin" in right && right.admin);
    if ("refused" in right) throw right.refused;
  }

  async function read(asker: Asker, place: Place, way: "read" | "write"): Promise<Document | undefined> {
    const right = rightTo(hosts, asker, place, way);
    if ("refused" in right) {
      await permit(asker, place, way); // a wrong password comes first
      throw right.refused;
    }
    const answer = demand(await asker.ask({ call: "get", ...place, admin: right.admin }));
    if (answer.is === "nothing") return undefined;
    if (answer.is !== "value" && answer.is !== "list") throw unexpected();
    return documents.of(answer.text, answer.is === "list", way === "read" && right.redacted);
  }

  async function tryChange(
    asker: Asker,
    place: Place,
    how: (now: Document | undefined) => LuaValue,
    conditions: Conditions,
    wasThere: boolean,
  ): Promise<Changed | undefined> {
    const now = await read(asker, place, "write");
    requireConditions(now, conditions);
    const next = how(now);
    const value = next instanceof Map && next.size > 0 ? writeLua(next, "wire") : undefined;
    const unchanged = { isNew: false, isChange: false };
    if (now && luaEqual(now.value, next)) return { ...unchanged, etag: now.etag };
    checkNext(now, next, value);
    if (!now && value === undefined) return unchanged;
    if (value !== undefined && !wasThere) checkSchema(place.store, next as LuaTable, now?.value);
    const version = await versions.keep(asker, place, now);
    const right = rightTo(hosts, asker, place, "write");
    const admin = "admin" in right && right.admin;
    const was = now?.hash ?? emptyHash;
    const answer = await asker.ask({ call: "set", ...place, admin, was, value });
    if (answer.is === "done") {
      const etag = answer.text === emptyHash ? undefined : documents.etagOf(answer.text);
      return { isNew: !now, isChange: true, ...(etag !== undefined && { etag }) };
    }
    await versions.drop(version);
    if (answer.is === "changed") return undefined;
    demand(answer);
    throw unexpected();
  }

  const replace = (
    ...[asker, place, how, conditions = {}, wasThere = false]: [
      ...Parameters<UserData["change"]>,
      wasThere?: boolean,
    ]
  ) =>
    turns.run(`${asker.host}/${place.user}/${place.store}`, async () => {
      for (let i = 0; i < tries; i++) {
        const changed = await tryChange(asker, place, how, conditions, wasThere);
        if (changed) return changed;
      }
      throw new Problem("conflict", "Others change this all the time. Try again.");
    });

  return {
    identify,
    permit,
    versions,

    async get(asker, place) {
      const document = await read(asker, place, "read");
      if (!document) throw new Problem("not-found", `There is nothing in ${place.store}.`);
      return document;
    },

    async list(asker, user) {
      const { userStores, adminStores } = hosts.byDomain(asker.host).data;
      const readable = [...new Set([...userStores, ...adminStores])].sort().filter((store) =>
        !("refused" in rightTo(hosts, asker, { user, store }, "read"))
      );
      await permit(asker, { user, store: readable[0] ?? "nothing" }, "read");
      const found = await Promise.all(readable.map(async (store): Promise<Listed[]> => {
        const document = await read(asker, { user, store }, "read");
        return document ? [{ store, kind: document.isList ? "list" : "value", etag: document.etag }] : [];
      }));
      return found.flat();
    },

    change: (asker, place, how, conditions) => replace(asker, place, how, conditions),
    preview: (value) => documents.of(writeLua(value, "wire"), false, false),

    async undo(asker, place, version) {
      const before = await versions.get(asker, place, "write", version);
      if (before && isArchive(before.value)) {
        throw new Problem(
          "conflict",
          "This was a list of stanzas that Prosody keeps itself: it cannot be put back.",
        );
      }
      return await replace(asker, place, () => before?.value, {}, true);
    },
  };
}

/** @throws Problem for every answer that ends it */
function demand(answer: StoredAnswer): StoredAnswer {
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

const unexpected = () => new Problem("store-unavailable", "Prosody gave an answer that was not expected.");

function requireConditions(now: Document | undefined, { ifMatch, ifAbsent }: Conditions): void {
  const matches = ifMatch === undefined || now && (ifMatch.includes("*") || ifMatch.includes(now.etag));
  if (!matches) {
    throw new Problem("precondition-failed", "Read it again, and send the tag that comes with it.");
  }
  if (ifAbsent && now) throw new Problem("precondition-failed", "There is something here already.");
}

function checkNext(
  now: Document | undefined,
  next: LuaValue,
  text: string | undefined,
): void {
  if (next !== undefined && !(next instanceof Map)) {
    throw new Problem("invalid", "A store holds an object or a list, nothing else.");
  }
  if (text === undefined) return; // to remove what there is, whatever it is
  if (text.length > longest) {
    throw new Problem("too-large", `A store may have ${longest} bytes at most, as Prosody writes it.`);
  }
  if (now?.isList && isArchive(now.value)) {
    throw new Problem("conflict", "This store is a list of stanzas that Prosody keeps itself.");
  }
  requireWhole(next);
}

/** Stanzas in their order; a vCard is a stanza with others in it. */
function isArchive(value: LuaValue): boolean {
  const first = value instanceof Map && !value.has("name") ? value.get(1) : undefined;
  return first instanceof Map && first.has("attr");
}
