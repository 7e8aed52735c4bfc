import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { isPublic, type Network, parseAddress } from "../core/network.ts";
import { OutboundError } from "./outbound_error.ts";

/** What may be called beside public addresses by https. */
export interface Permitted {
  /** Everything. */
  readonly all: boolean;
  readonly networks: readonly Network[];
  /** Names, in lower case, wherever they lead to. */
  readonly names: readonly string[];
}

/** Every address of a name. */
export type Lookup = (name: string) => Promise<readonly string[]>;

export interface GuardedPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Until the answer's status and headers, ms. */
  readonly timeout: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** What was answered, whatever the status. */
export interface GuardedAnswer {
  readonly status: number;
  /** The body's beginning. */
  readonly text: string;
  /** How long the server asks to be left alone, ms. */
  readonly retryAfter?: number;
}

/** Calls addresses that somebody has named who is not to reach what only we can reach. */
export interface Guarded {
  /** @throws OutboundError `refused` if it may not be called, `unreachable` if there is no such name */
  check(url: URL): Promise<void>;
  /**
   * POSTs once. The name is looked up here, and what was looked at is what is connected to. No redirect is followed;
   * of the answer's body no more than its beginning is read, and how it ends does not matter.
   * @throws OutboundError `refused`, `unreachable`, `timeout`
   */
  post(url: URL, request: GuardedPost): Promise<GuardedAnswer>;
}

const kept = 500; // bytes of an answer's body
const bodyPatience = 1_000; // ms: all that counts is known by then
const largestHead = 16_384;
const mostAddresses = 4;
const connectPatience = 3_000; // ms

/** @param ca certificates to trust in place of the usual ones, for tests */
export function createGuarded(
  { permitted, lookup = allAddresses, ca }: {
    permitted: Permitted;
    lookup?: Lookup | undefined;
    ca?: string | undefined;
  },
): Guarded {
  /** The addresses that may be connected to. */
  async function resolve(url: URL): Promise<string[]> {
    const name = url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
    const found = parseAddress(name) ? [name] : await lookup(name).catch(() => []);
    if (found.length === 0) throw new OutboundError("unreachable", `${url.host} has no address.`);
    const good = found.filter((text) => {
      const address = parseAddress(text);
      if (!address) return false;
      const isNamed = permitted.all || permitted.names.includes(name.toLowerCase()) ||
        permitted.networks.some((network) => network(address));
      return isNamed || (url.protocol === "https:" && isPublic(address));
    });
    if (good.length > 0) return good.slice(0, mostAddresses);
    throw new OutboundError(
      "refused",
      url.protocol === "https:"
        ? `${url.host} is not a public address. webhooks.allow_private can allow it.`
        : `${url.host} is not called without https, unless webhooks.allow_private allows it.`,
    );
  }

  return {
    async check(url) {
      await resolve(url);
    },

    async post(url, { headers, body, timeout, signal }) {
      const deadline = AbortSignal.timeout(timeout);
      const ended = signal ? AbortSignal.any([deadline, signal]) : deadline;
      const late = new OutboundError("timeout", `${url.host} did not answer within ${timeout} ms.`);
      const connection = createConnection();
      try {
        const addresses = await orEnded(resolve(url), ended, late);
        const socket = await orEnded(connection.open(url, addresses, ca), ended, late);
        return await orEnded(exchange(socket, url, headers, body), ended, late);
      } catch (error) {
        if (error instanceof OutboundError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        throw new OutboundError("unreachable", `${url.host} did not answer: ${why.slice(0, 200)}.`);
      } finally {
        connection.close();
      }
    },
  };
}

/** One connection, which can be let go of at any time. */
function createConnection() {
  let isClosed = false;
  let socket: Deno.Conn | undefined;
  function keep<T extends Deno.Conn>(made: T): T {
    socket = made;
    if (isClosed) close();
    return made;
  }
  function close(): void {
    isClosed = true;
    try {
      socket?.close();
    } catch { // closed by the other side, or by what read from it
    }
  }
  return {
    close,
    /** node:https would do as well, but needs a right of its own to read the system's certificates. */
    async open(
      { protocol, port, hostname }: URL,
      addresses: readonly string[],
      ca: string | undefined,
    ): Promise<Deno.Conn> {
      const isTls = protocol === "https:";
      const plain = keep(await connect(addresses, Number(port || (isTls ? 443 : 80))));
      if (!isTls) return plain;
      const name = hostname.replace(/^\[(.*)\]$|\.$/, "$1");
      const secured = keep(
        await Deno.startTls(plain, {
          hostname: name,
          ...(ca !== undefined && { caCerts: [ca] }),
        }),
      );
      await secured.handshake();
      return secured;
    },
  };
}

/** To the first that can be reached; each but the last is given a few seconds. */
async function connect(addresses: readonly string[], port: number): Promise<Deno.TcpConn> {
  for (const hostname of addresses.slice(0, -1)) {
    const connecting = Deno.connect({ hostname, port });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, connectPatience));
    const made = await Promise.race([connecting.catch(() => undefined), patience]);
    clearTimeout(timer);
    if (made) return made;
    connecting.then((late) => late.close(), () => {});
  }
  return await Deno.connect({ hostname: addresses.at(-1)!, port });
}

/** HTTP is spoken by Node's client, over the connection that it is given. */
async function exchange(
  socket: Deno.Conn,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<GuardedAnswer> {
  const [{ request }, { Duplex }] = await Promise.all([import("node:http"), import("node:stream")]);
  const bytes = new TextEncoder().encode(body);
  const stream = Duplex.fromWeb(socket as unknown as Parameters<typeof Duplex.fromWeb>[0]);
  stream.on("error", () => {}); // the request has it too
  const call: ClientRequest = request({
    ...{ method: "POST", host: url.hostname, path: url.pathname + url.search },
    headers: { ...headers, host: url.host, "content-length": `${bytes.length}`, connection: "close" },
    createConnection: () => stream as Socket,
    maxHeaderSize: largestHead,
  });
  try {
    return await read(
      await new Promise<IncomingMessage>((resolve, reject) => {
        call.on("response", resolve);
        call.on("error", reject);
        call.on("close", () => reject(new Error("the connection was closed")));
        call.end(bytes);
      }),
    );
  } finally {
    call.destroy();
    stream.destroy();
  }
}

const allAddresses: Lookup = async (name) => {
  const { lookup } = await import("node:dns/promises");
  return (await lookup(name, { all: true })).map(({ address }) => address);
};

function orEnded<T>(work: Promise<T>, ended: AbortSignal, late: OutboundError): Promise<T> {
  if (ended.aborted) return Promise.reject(late);
  return new Promise((resolve, reject) => {
    const give = () => reject(late);
    ended.addEventListener("abort", give, { once: true });
    work.then(resolve, reject).finally(() => ended.removeEventListener("abort", give));
  });
}

async function read(response: IncomingMessage): Promise<GuardedAnswer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, bodyPatience);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    response.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= kept) end();
    });
    for (const event of ["end", "close", "error", "aborted"]) response.on(event, end);
  });
  response.destroy();
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  const seconds = response.headers["retry-after"] ?? "";
  return {
    status: response.statusCode ?? 0,
    text: new TextDecoder().decode(bytes.subarray(0, kept)),
    ...(/^[0-9]{1,6}$/.test(seconds) && { retryAfter: Number(seconds) * 1_000 }),
  };
}
