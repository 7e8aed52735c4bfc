import { requireScope } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { createGate } from "../core/gate.ts";
import { luaEqual, type LuaTable, type LuaValue } from "../core/lua_value.ts";
import { writeLua } from "../core/lua_text.ts";
import { Problem } from "../core/problem.ts";
import type { Vault } from "../core/token.ts";
import { createPace } from "../core/turn.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Database } from "../store/database.ts";
import { closed, demand, unexpected } from "./answers.ts";
import type { Asker } from "./asker.ts";
import { type Document, type Documents, emptyHash } from "./document.ts";
import { isArchive, requireKeepable } from "./keepable.ts";
import { type Place, type Right, rightTo } from "./rights.ts";
import { checkSchema } from "./schemas.ts";
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
  /** `too-large`: more than can be read here. */
  readonly kind: "value" | "list" | "too-large";
  readonly etag?: string;
}

/** What users have stored in Prosody, for those who may see and change it. */
export interface UserData {
  /** Whether somebody is who they say. @throws Problem `not-authenticated` */
  identify(asker: Asker): Promise<void>;
  /** What somebody may do here, before their body is read. @throws Problem */
  permit(asker: Asker, place: Place, way: "read" | "write"): Promise<Right>;
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

const tries = 10; // against others who change the same
// Changes of one place wait for each other, so that those who come from elsewhere are all there is to meet; and not
// for ever, if Prosody is slow.
const oneByOne = { atATime: 1, waiting: 200, patience: 10_000 };

export function createUserData(needs: UserDataNeeds): UserData {
  const { hosts, documents } = needs;
  const turns = createGate(oneByOne);
  const versions = createVersions({ ...needs, permit });

  async function identify(asker: Asker, admin = false): Promise<void> {
    if (asker.user !== undefined) demand(await asker.ask({ call: "nothing", admin }));
  }

  async function permit(asker: Asker, place: Place, way: "read" | "write"): Promise<Right> {
    const right = rightTo(hosts, asker, place, way);
    await identify(asker, "admin" in right && right.admin); // a wrong password comes first
    if ("refused" in right) throw right.refused;
    return right;
  }

  /** What somebody may do, where Prosody is asked right after this and says who they are. */
  async function rightOf(asker: Asker, place: Place, way: "read" | "write"): Promise<Right> {
    const right = rightTo(hosts, asker, place, way);
    if (!("refused" in right)) return right;
    await identify(asker);
    throw right.refused;
  }

  async function fetchFrom(
    asker: Asker,
    place: Place,
    { admin, redacted }: Right,
  ): Promise<Document | undefined> {
    const answer = demand(await asker.ask({ call: "get", ...place, admin }));
    if (answer.is === "nothing") return undefined;
    if (answer.is !== "value" && answer.is !== "list") throw unexpected();
    return documents.of(answer.text, answer.is === "list", redacted);
  }

  const read = async (asker: Asker, place: Place): Promise<Document | undefined> =>
    await fetchFrom(asker, place, await rightOf(asker, place, "read"));

  async function tryChange(
    asker: Asker,
    place: Place,
    how: (now: Document | undefined) => LuaValue,
    conditions: Conditions,
    wasThere: boolean,
  ): Promise<Changed | undefined> {
    const { admin } = await rightOf(asker, place, "write");
    const now = await fetchFrom(asker, place, { admin, redacted: false }); // what is hidden is not to be lost
    requireConditions(now, conditions);
    const pace = createPace(); // a value of some 100 kB takes some ms at each of these
    const next = how(now);
    await pace();
    const value = next instanceof Map && next.size > 0 ? writeLua(next, "wire") : undefined;
    const unchanged = { isNew: false, isChange: false };
    await pace();
    if (now && luaEqual(now.value, next)) return { ...unchanged, etag: now.etag };
    requireKeepable(place.store, now, next, value);
    if (!now && value === undefined) return unchanged;
    if (value !== undefined && !wasThere) checkSchema(place.store, next as LuaTable, now?.value);
    await pace();
    const version = await versions.keep(asker, place, now);
    const was = now?.hash ?? emptyHash;
    const answer = await asker.ask({ call: "set", ...place, admin, was, value }).catch(async (error) => {
      const isOpen = error instanceof Problem && error.code === "store-unavailable"; // it may have been made
      if (!isOpen) await versions.drop(version);
      throw error;
    });
    if (answer.is === "done") {
      const etag = answer.text === emptyHash ? undefined : documents.etagOf(answer.text);
      return { isNew: !now, isChange: true, ...(etag !== undefined && { etag }) };
    }
    await versions.drop(version);
    if (answer.is === "changed") return undefined;
    if (answer.is === "too-large") throw new Problem("too-large", "Prosody could not tell as much back.");
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
      const document = await read(asker, place);
      if (!document) throw new Problem("not-found", `There is nothing in ${place.store}.`);
      return document;
    },

    async list(asker, user) {
      await identify(asker, asker.user !== undefined && asker.user !== user);
      if (asker.user === undefined) requireScope(asker, "data:read");
      const { "data.user_stores": userStores, "data.admin_stores": adminStores } =
        hosts.byDomain(asker.host).settings;
      const found = await Promise.all(
        [...new Set([...userStores, ...adminStores])].sort().map(async (store): Promise<Listed[]> => {
          const document = await read(asker, { user, store }).catch(closed);
          if (document === "too-large") return [{ store, kind: document }];
          return document ? [{ store, kind: document.isList ? "list" : "value", etag: document.etag }] : [];
        }),
      );
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

function requireConditions(now: Document | undefined, { ifMatch, ifAbsent }: Conditions): void {
  const matches = ifMatch === undefined || now && (ifMatch.includes("*") || ifMatch.includes(now.etag));
  if (!matches) {
    throw new Problem("precondition-failed", "Read it again, and send the tag that comes with it.");
  }
  if (ifAbsent && now) throw new Problem("precondition-failed", "There is something here already.");
}
