import { createHmac, hash as digest } from "node:crypto";
import { LRUCache } from "lru-cache";
import { toJson } from "../core/lua_json.ts";
import { redact } from "./redaction.ts";
import { parseLua, writeLua } from "../core/lua_text.ts";
import type { LuaValue } from "../core/lua_value.ts";

/** What there is in a place, in every form that may be asked for; each is made when it is. */
export interface Document {
  /** Whether it is a list that is kept beside whole values, as message archives are. */
  readonly isList: boolean;
  /** As Prosody told it. */
  readonly text: string;
  /** A strong entity tag without its quotes (RFC 9110, 8.8.3). */
  readonly etag: string;
  /** SHA-256 of Prosody's text, as hex. */
  readonly hash: string;
  readonly value: LuaValue;
  readonly json: string;
  /** As Prosody's serializer writes it. */
  readonly lua: string;
}

export const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; // SHA-256 of nothing

/** Makes documents of what Prosody answers, and remembers the last. */
export interface Documents {
  of(text: string, isList: boolean, redacted: boolean): Document;
  /** The tag of what has this hash: a hash by itself would let guesses about secrets be tried. */
  etagOf(hash: string): string;
}

const kept = 64_000_000; // bytes that the documents which are kept have in memory, about
const encoder = new TextEncoder();

/** @param tagKey what makes tags ours; the same at the next start, so that clients need not fetch all again */
export function createDocuments(tagKey: Uint8Array): Documents {
  const known = new LRUCache<string, Document>({ maxSize: kept, sizeCalculation: (_, name) => sizeOf(name) });
  const etagOf = (hash: string) => createHmac("sha256", tagKey).update(hash).digest("base64url").slice(0, 22);

  return {
    etagOf,
    of(text, isList, redacted) {
      const name = `${isList ? "l" : "v"}${redacted ? "r" : " "}${text}`;
      let document = known.get(name);
      if (!document) known.set(name, document = make(text, isList, redacted));
      return document;
    },
  };

  function make(text: string, isList: boolean, redacted: boolean): Document {
    const hash = digest("sha256", text, "hex");
    let value: LuaValue, json: string | undefined, lua: string | undefined;
    const read = () => {
      value ??= parseLua(encoder.encode(text), { depth: 127, values: 1_000_000, numbers: 5_000 });
      return redacted ? redact(value) : value;
    };
    return {
      isList,
      text,
      hash,
      etag: etagOf(hash),
      get value() {
        return read();
      },
      get json() {
        return json ??= toJson(read());
      },
      get lua() {
        return lua ??= writeLua(read(), "file");
      },
    };
  }
}

/** In memory a table has 200 bytes and more, of the three that it may have in the text. */
function sizeOf(text: string): number {
  let tables = 0;
  for (let at = -1; (at = text.indexOf("{", at + 1)) >= 0;) tables++;
  return 8 * text.length + 256 * tables;
}
