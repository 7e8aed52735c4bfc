import { type JsonLimits, usualLimits } from "../core/json.ts";
import { OutboundError } from "./outbound_error.ts";

/** A request that is ready to be sent, as often as need be. */
export interface Call {
  readonly method: "GET" | "POST";
  /** Without a name and password. */
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: string;
  /** For all of one try, headers and body, ms. */
  readonly timeout: number;
  /** Of the answer, decompressed. */
  readonly maxBytes: number;
  /** What the JSON in it may say. */
  readonly limits: JsonLimits;
}

/** What every call says of itself. */
export interface CallOptions {
  /** Sent as `Authorization: Bearer` (RFC 6750, 2.1), in place of a name and password in the URL. */
  readonly bearer?: string | undefined;
  /** Of one try, headers and body together, ms. */
  readonly timeout: number;
  /** How long the answer's body may be, decompressed. */
  readonly maxBytes: number;
  /** What the JSON in it may say; `usualLimits` if not given. */
  readonly limits?: JsonLimits | undefined;
  /** How often to try at most, the first time included. */
  readonly tries?: number | undefined;
  /** How long all tries may take together, ms: for somebody who waits. */
  readonly within?: number | undefined;
}

/**
 * Checks the address and moves its name and password into a header.
 * @param body text of a JSON document
 * @throws OutboundError `unreachable` when the address is none of http or https
 * @throws TypeError when a header cannot be sent as it is
 */
export function prepareCall(
  method: "GET" | "POST",
  address: string,
  headers: Readonly<Record<string, string | undefined>>,
  { bearer, timeout, maxBytes, limits = usualLimits }: CallOptions,
  body?: string,
): Call {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) { // fetch would read a file: or data: address, too
    throw new OutboundError(
      "unreachable",
      "An address that begins with neither http: nor https: was not called.",
    );
  }
  const authorization = bearer === undefined ? basic(url) : `Bearer ${bearer}`;
  url.username = url.password = url.hash = ""; // Deno's fetch would send the name beside our own header
  const call = {
    method,
    url,
    headers: new Headers(),
    timeout,
    maxBytes,
    limits,
    ...(body !== undefined && { body }),
  };
  for (const [name, value] of Object.entries({ ...headers, authorization })) {
    try {
      if (value !== undefined) call.headers.set(name, value);
    } catch { // whose message would show the value
      throw new TypeError(`${nameOf(call)} was not called: its ${name} cannot stand in a header.`);
    }
  }
  return call;
}

/** What a call is called in logs: `GET https://app.example/roster`. */
export function nameOf({ method, url }: Call): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** RFC 7617, with UTF-8. */
function basic({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const bytes = new TextEncoder().encode(`${decode(username)}:${decode(password)}`);
  return `Basic ${bytes.toBase64()}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that stands for itself
  }
}
