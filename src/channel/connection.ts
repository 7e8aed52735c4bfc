import { getLogger } from "@logtape/logtape";
import { Problem } from "../core/problem.ts";
import { letOthersRun } from "../core/turn.ts";
import type { Dispatch, Session } from "./dispatch.ts";
import { LineSplitter, StreamError } from "./framing.ts";
import {
  controlNs,
  type Element,
  parseStanza,
  problemCodeOf,
  serialiseStanza,
  streamErrorElement,
  xml,
} from "./stanza.ts";

/** What we need of a socket: Deno.Conn, or a pipe in tests. */
export interface Wire {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** One peer on the control socket. */
export interface Connection {
  readonly session: Session;
  /** Asks the peer. @throws Problem that the peer answered, or `store-unavailable` when it does not in time */
  request(type: "get" | "set", to: string, child: Element, timeout?: number): Promise<Element>;
  close(): void;
  /** Settles when the connection is over; never rejects. */
  readonly ended: Promise<void>;
}

export interface ConnectionNeeds {
  readonly wire: Wire;
  readonly dispatch: Dispatch;
  /** Decides on a hello: the session, and what to say of ourselves. @throws StreamError to refuse */
  readonly greet: (hello: Element, connection: Connection) => { session: Session; reply: Element };
  /** How long a peer may take to say its first line, and a line to end once it has begun, ms. */
  readonly patience?: number;
}

const log = getLogger(["couplet", "channel"]);
const mostAtOnce = 64; // answers under way for one peer; then we stop reading until some are sent
const mostUnsent = 1 << 20; // characters that wait for a peer to read them
const chunk = 65_536;

export function createConnection({ wire, dispatch, greet, patience = 10_000 }: ConnectionNeeds): Connection {
  const lines = new LineSplitter();
  const asked = new Map<string, { resolve: (iq: Element) => void; reject: (error: unknown) => void }>();
  const encoder = new TextEncoder();
  let session: Session = {};
  let first = true;
  let open = true;
  let nextId = 0;
  let underWay = 0;
  let wake: (() => void) | undefined;
  let outgoing: string[] = [];
  let unsent = 0;
  let writing: Promise<void> | undefined;

  function send(element: Element): void {
    if (!open) return;
    const line = serialiseStanza(element) + "\n";
    outgoing.push(line);
    unsent += line.length;
    writing ??= write();
  }

  /** Takes all that has gathered in one write; order is kept because only one runs. */
  async function write(): Promise<void> {
    try {
      while (outgoing.length > 0) {
        const bytes = encoder.encode(outgoing.join(""));
        outgoing = [];
        unsent = 0;
        for (let at = 0; at < bytes.length;) at += await wire.write(bytes.subarray(at));
      }
    } catch {
      close();
    }
    writing = undefined;
  }

  function close(): void {
    if (!open) return;
    open = false;
    wire.close();
    wake?.();
    for (const { reject } of asked.values()) {
      reject(new Problem("store-unavailable", "Prosody hung up before it answered."));
    }
    asked.clear();
  }

  function receive(line: string): Promise<void> | undefined {
    const stanza = parseStanza(line);
    if (stanza.is("hello", controlNs) && first) {
      const greeting = greet(stanza, connection);
      session = greeting.session;
      send(greeting.reply);
    } else if (stanza.name !== "iq") {
      throw new StreamError("unsupported-stanza-type", "Only iq stanzas are taken here.");
    } else if (stanza.attrs.type === "result" || stanza.attrs.type === "error") {
      const waiting = asked.get(String(stanza.attrs.id));
      asked.delete(String(stanza.attrs.id));
      waiting?.resolve(stanza);
    } else {
      first = false;
      return dispatch(stanza, session).then(send);
    }
    first = false;
  }

  async function run(): Promise<void> {
    const buffer = new Uint8Array(chunk);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const mute = setTimeout(() => first && close(), patience);
    try {
      while (open) {
        const count = await wire.read(buffer);
        if (count === null) break;
        let turn = performance.now();
        const ended = lines.push(buffer.subarray(0, count));
        for (const line of ended) {
          const work = receive(line);
          while (unsent > mostUnsent && open) await writing; // a peer that does not listen is not listened to
          if (!work) continue;
          underWay++;
          work.finally(() => {
            underWay--;
            wake?.();
          });
          if (performance.now() - turn > 10) { // answers need no more than microtasks: let others have a turn
            await letOthersRun();
            turn = performance.now();
          }
          while (underWay >= mostAtOnce && open) await new Promise<void>((resolve) => wake = resolve);
        }
        if (ended.length > 0 || !lines.unfinished) {
          clearTimeout(timer);
          timer = undefined;
        }
        if (lines.unfinished) timer ??= setTimeout(expire, patience); // from when this line began
      }
    } catch (error) {
      if (error instanceof StreamError) {
        log.warn("A peer on the control socket was cut off: {reason}", {
          reason: error.message,
          host: session.host,
        });
        send(streamErrorElement(error));
        await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 1_000))]);
      } else if (open) log.debug("A peer on the control socket went away", { error });
    } finally {
      clearTimeout(timer);
      clearTimeout(mute);
      close();
    }
  }

  /** A peer that begins a line and falls silent holds memory for nothing. */
  function expire(): void {
    if (lines.unfinished) {
      log.warn("A peer on the control socket stopped in the middle of a line", { host: session.host });
      close();
    }
  }

  const connection: Connection = {
    get session() {
      return session;
    },
    request(type, to, child, timeout = 1_000) {
      const id = `c${++nextId}`;
      return new Promise<Element>((resolve, reject) => {
        if (!open) return reject(new Problem("store-unavailable", "Prosody is not linked."));
        const timer = setTimeout(() => {
          asked.delete(id);
          reject(new Problem("store-unavailable", "Prosody did not answer in time."));
        }, timeout);
        asked.set(id, {
          reject: (error) => (clearTimeout(timer), reject(error)),
          resolve: (iq) => {
            clearTimeout(timer);
            const error = iq.attrs.type === "error" ? iq.getChild("error") : undefined;
            if (!error) return resolve(iq);
            const code = problemCodeOf(error) ?? "not-implemented";
            reject(new Problem(code, error.getChildText("text") ?? "Prosody could not do this."));
          },
        });
        send(xml("iq", { type, id, to }, child));
      });
    },
    close,
    ended: Promise.resolve().then(run),
  };
  return connection;
}
