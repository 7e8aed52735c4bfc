import type { LuaValue } from "../core/lua_value.ts";
import { Problem } from "../core/problem.ts";
import { isGuarded } from "../core/store_name.ts";
import type { Document } from "./document.ts";
import { requireWhole } from "./redaction.ts";

const longest = 600_000; // characters of a value as Prosody is told it: it can tell as much back

/**
 * Whether a value can take the place of what is there; `text` is what Prosody would be told.
 * @throws Problem `invalid`, `too-large` or `conflict`
 */
export function requireKeepable(
  store: string,
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
  const weight = weightOf(next);
  if (weight > heaviest && weight > weightOf(now?.value)) {
    throw new Problem(
      "too-large",
      `A store may have ${heaviest} items of lists; a name counts as four of them.`,
    );
  }
  if (now?.isList && isArchive(now.value)) {
    throw new Problem("conflict", "This store is a list of stanzas that Prosody keeps itself.");
  }
  if (isGuarded(store)) requireWhole(next);
}

/** What Prosody, with its one thread, still writes in order in some 20 ms. */
const heaviest = 20_000;

function weightOf(value: LuaValue): number {
  if (!(value instanceof Map)) return 0;
  return value.entries().reduce(
    (sum, [key, one]) => sum + (typeof key === "number" ? 1 : 4) + weightOf(one),
    0,
  );
}

/** Stanzas in their order; a vCard is a stanza with others in it. */
export function isArchive(value: LuaValue): boolean {
  const first = value instanceof Map && !value.has("name") ? value.get(1) : undefined;
  return first instanceof Map && first.has("attr");
}
