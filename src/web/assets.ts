import { hash } from "node:crypto";
import { Problem } from "../core/problem.ts";
import { reasonOf } from "../core/reason.ts";

/** A file that pages show. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** What is served below `/assets/`: each under a name with its own hash in it, so that it never changes. */
export interface Assets {
  find(name: string): Asset | undefined;
  /** Takes a file in. @throws Problem `invalid` if it is not there, is too large, or is no picture */
  add(path: string): string;
}

const largest = 256 << 10; // bytes

/** @param read what is in a file */
export function createAssets(read: (path: string) => Uint8Array<ArrayBuffer>): Assets {
  const all = new Map<string, Asset>();
  return {
    find: (name) => all.get(name),
    add(path) {
      const body = readFile(path, read);
      if (body.length > largest) throw refused(path, `has ${body.length} bytes, of ${largest} at most`);
      const kind = kindOf(body);
      if (kind === undefined) throw refused(path, "is neither SVG nor PNG nor WebP");
      const name = `${hash("sha256", body, "base64url").slice(0, 16)}.${kind}`;
      all.set(name, { body, type: types[kind] });
      return name;
    },
  };
}

function readFile(path: string, read: (path: string) => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  try {
    return read(path);
  } catch (error) {
    throw refused(path, `cannot be read: ${reasonOf(error)}`);
  }
}

const refused = (path: string, why: string) => new Problem("invalid", `pages.logo: ${path} ${why}.`);

const types = { svg: "image/svg+xml", png: "image/png", webp: "image/webp" } as const;

/** By what is in it: a name proves nothing. */
function kindOf(body: Uint8Array): keyof typeof types | undefined {
  const head = new TextDecoder("latin1").decode(body.subarray(0, 1_000));
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "webp";
  return /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/s.test(head)
    ? "svg"
    : undefined;
}
