import { getLogger } from "@logtape/logtape";
import { type Connection, createConnection } from "./connection.ts";
import { createDispatch, type IqHandlers, type Session } from "./dispatch.ts";
import { StreamError } from "./framing.ts";
import { controlNs, type Element, xml } from "./stanza.ts";

/** A control socket that cannot be opened; the message says what to do. */
export class SocketError extends Error {
  override readonly name = "SocketError";
}

export interface ChannelNeeds {
  readonly handlers: IqHandlers;
  readonly isServed: (host: string) => boolean;
  /** What a hello is answered with, beside our name: what Prosody's modules need to know of a host. */
  readonly describe: (host: string) => Record<string, string>;
  readonly version: string;
}

export interface Channel {
  /** The linked Prosody of this host, if there is one. */
  link(host: string): Connection | undefined;
  /** Takes over the path from a dead daemon. @throws SocketError if a live one has it, or it cannot be made */
  listen(path: string): Promise<void>;
  /** For tests and other transports: serves one peer. */
  accept(wire: Parameters<typeof createConnection>[0]["wire"]): Connection;
  close(): Promise<void>;
}

const log = getLogger(["couplet", "channel"]);
const mostPeers = 256;
const longestPath = 107; // sun_path holds 108 bytes with its zero

export function createChannel({ handlers, isServed, describe, version }: ChannelNeeds): Channel {
  const dispatch = createDispatch(handlers, isServed);
  const connections = new Set<Connection>();
  const links = new Map<string, Connection>();
  let listener: Deno.UnixListener | undefined;
  let socketPath: string | undefined;

  function greet(hello: Element, connection: Connection): { session: Session; reply: Element } {
    const { role, ...said } = hello.attrs as Record<string, string | undefined>;
    const [host, server] = [(said.host ?? "").slice(0, 253), (said.server ?? "").slice(0, 100)];
    if (role !== "lookup" && role !== "link") {
      throw new StreamError("bad-format", "A hello needs a role: lookup or link.");
    }
    if (!isServed(host)) {
      throw new StreamError("host-unknown", `${host} is not served here. Add it to Couplet's "hosts".`);
    }
    if (role === "link") {
      if (links.has(host)) throw new StreamError("conflict", `Another Prosody is linked for ${host}.`);
      links.set(host, connection);
      log.info("Prosody is linked", { host, server });
    }
    return {
      session: { role, host, server },
      reply: xml("hello", { xmlns: controlNs, version: `Couplet ${version}`, ...describe(host) }),
    };
  }

  function accept(wire: Parameters<typeof createConnection>[0]["wire"]): Connection {
    const connection = createConnection({ wire, dispatch, greet });
    connections.add(connection);
    connection.ended.then(() => {
      connections.delete(connection);
      const { host = "" } = connection.session;
      if (links.get(host) === connection) {
        links.delete(host);
        log.info("Prosody is no longer linked", { host });
      }
    });
    return connection;
  }

  async function acceptAll(source: Deno.UnixListener): Promise<void> {
    while (listener === source) {
      let wire: Deno.UnixConn;
      try {
        wire = await source.accept();
      } catch (error) {
        if (listener !== source || error instanceof Deno.errors.BadResource) return;
        log.error("The control socket could not take a peer; trying again", { error });
        await new Promise((resolve) => setTimeout(resolve, 250));
        continue;
      }
      if (connections.size >= mostPeers) {
        log.warn("The control socket has as many peers as it takes", { most: mostPeers });
        wire.close();
      } else accept(wire);
    }
  }

  return {
    link: (host) => links.get(host),
    accept,
    async listen(path) {
      if (new TextEncoder().encode(path).length > longestPath) {
        throw new SocketError(
          `The control socket's path has more than ${longestPath} bytes, which no Unix socket may: ${path}. ` +
            'Set "control.socket" to a shorter one.',
        );
      }
      listener = await bind(path);
      socketPath = path;
      acceptAll(listener);
    },
    async close() {
      const source = listener;
      listener = undefined;
      source?.close();
      if (socketPath !== undefined) await Deno.remove(socketPath).catch(() => {});
      const all = [...connections];
      for (const connection of all) connection.close();
      await Promise.all(all.map((connection) => connection.ended));
    },
  };
}

async function bind(path: string): Promise<Deno.UnixListener> {
  const listen = async () => {
    const listener = Deno.listen({ transport: "unix", path });
    await Deno.chmod(path, 0o660); // its folder keeps others out from the first moment
    return listener;
  };
  try {
    return await listen();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) {
      throw new SocketError(`The control socket ${path} cannot be made: ${(error as Error).message}.`);
    }
  }
  const alive = await Deno.connect({ transport: "unix", path }).then(
    (probe) => (probe.close(), true),
    () => false,
  );
  if (alive) {
    throw new SocketError(
      `Another daemon answers on ${path}. Stop it, or set "data_dir" (or "control.socket") to another place.`,
    );
  }
  const { isSocket } = await Deno.lstat(path);
  if (!isSocket) throw new SocketError(`${path} is there and is no socket. Move it away.`);
  await Deno.remove(path);
  log.info("Took over the control socket of a daemon that is gone", { path });
  return await listen();
}
