import { Problem } from "../core/problem.ts";
import { LineSplitter } from "./framing.ts";
import { controlNs, type Element, parseStanza, problemCodeOf, serialiseStanza, xml } from "./stanza.ts";

/** A program that asks a daemon on its control socket, one question after the other. */
export interface ChannelClient {
  /** @throws Problem that was answered, or `store-unavailable` if the daemon is not there or slow */
  request(type: "get" | "set", to: string, child: Element): Promise<Element>;
  close(): void;
}

const patience = 15_000; // ms for one answer

/** Says hello for this host. @throws Problem `store-unavailable` if no daemon answers on this path */
export async function connectClient(path: string, host: string): Promise<ChannelClient> {
  const wire = await Deno.connect({ transport: "unix", path }).catch(() => {
    throw new Problem("store-unavailable", `No daemon answers on ${path}. Start it: couplet serve.`);
  });
  const lines = readLines(wire);
  let nextId = 0;

  async function exchange(element: Element): Promise<Element> {
    const bytes = new TextEncoder().encode(serialiseStanza(element) + "\n");
    for (let at = 0; at < bytes.length;) at += await wire.write(bytes.subarray(at));
    const timer = setTimeout(() => wire.close(), patience);
    try {
      const { value } = await lines.next();
      if (value !== undefined) return parseStanza(value);
    } catch {
      /* closed by us or by the daemon */
    } finally {
      clearTimeout(timer);
    }
    throw new Problem("store-unavailable", "The daemon did not answer.");
  }

  const hello = await exchange(xml("hello", { xmlns: controlNs, role: "lookup", host, server: "couplet" }));
  if (hello.name !== "hello") {
    wire.close();
    throw new Problem("store-unavailable", hello.getChildText("text") ?? "The daemon refused to answer.");
  }
  return {
    async request(type, to, child) {
      const reply = await exchange(xml("iq", { type, id: `r${++nextId}`, to }, child));
      const error = reply.attrs.type === "error" ? reply.getChild("error") : undefined;
      if (!error && reply.name === "iq") return reply;
      const code = error && problemCodeOf(error);
      throw new Problem(code ?? "internal", error?.getChildText("text") ?? "The daemon could not do this.");
    },
    close() {
      try {
        wire.close();
      } catch { /* it is closed */ }
    },
  };
}

async function* readLines(wire: Deno.UnixConn): AsyncGenerator<string, void> {
  const splitter = new LineSplitter();
  const buffer = new Uint8Array(65_536);
  for (let count; (count = await wire.read(buffer)) !== null;) yield* splitter.push(buffer.slice(0, count));
}
