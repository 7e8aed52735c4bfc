import { hash } from "node:crypto";
import { parseLua, writeLua } from "../../src/core/lua_text.ts";
import { Problem } from "../../src/core/problem.ts";
import type { StoredAnswer, StoredCall, StoredData } from "../../src/prosody/stored_data.ts";

/** A Prosody's storage in memory, which answers as mod_couplet's `couplet_data` does. */
export interface FakeStorage extends StoredData {
  /** Username → password. */
  readonly accounts: Map<string, string>;
  readonly admins: Set<string>;
  /** `USER/STORE` → Lua. */
  readonly values: Map<string, string>;
  readonly lists: Map<string, string>;
  /** All that was asked. */
  readonly calls: StoredCall[];
  /** Runs before each answer: to change something in between, or to fail. */
  meanwhile: (call: StoredCall) => void | Promise<void>;
  /** Passwords that were looked at. */
  checks: number;
  /** Set, it answers nothing but that it is not there. */
  isAway: boolean;
}

export function createFakeStorage(): FakeStorage {
  const remembered = new Map<string, string>();
  const fake: FakeStorage = {
    accounts: new Map(["john", "marie", "admin"].map((user) => [user, `${user}'s secret`])),
    admins: new Set(["admin"]),
    values: new Map(),
    lists: new Map(),
    calls: [],
    meanwhile: () => {},
    checks: 0,
    isAway: false,
    async ask(_host, call) {
      fake.calls.push(call);
      await fake.meanwhile(call);
      if (fake.isAway) throw new Problem("store-unavailable", "Prosody is not there.");
      return answer(call);
    },
  };
  return fake;

  function answer(call: StoredCall): StoredAnswer {
    const { login, admin } = call;
    if (login && remembered.get(login.user) !== `${login.proof} ${fake.accounts.get(login.user)}`) {
      return { is: "stranger" };
    }
    if (admin && !fake.admins.has(login?.user ?? "")) return { is: "forbidden" };
    if (call.call === "nothing") return { is: "done", text: "" };
    if (call.call === "check") {
      fake.checks++;
      if (fake.accounts.get(call.user) !== call.password) return { is: "stranger" };
      remembered.set(call.user, `${call.proof} ${call.password}`);
      return { is: "done", text: "" };
    }
    if (login?.user !== call.user && !fake.accounts.has(call.user)) return { is: "no-user" };
    const name = `${call.user}/${call.store}`;
    const [value, list] = [fake.values.get(name), fake.lists.get(name)];
    if (call.call === "get") {
      if (value !== undefined) return { is: "value", text: value };
      return list === undefined ? { is: "nothing" } : { is: "list", text: list };
    }
    if (hash("sha256", value ?? list ?? "", "hex") !== call.was) return { is: "changed" };
    fake.lists.delete(name);
    if (call.value === undefined) fake.values.delete(name);
    else fake.values.set(name, canonical(call.value));
    return { is: "done", text: hash("sha256", fake.values.get(name) ?? "", "hex") };
  }
}

const canonical = (text: string) => writeLua(parseLua(new TextEncoder().encode(text)), "wire");
