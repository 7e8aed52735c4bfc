// @ts-types="npm:@types/xmpp__xml@0.14.0"
import xml, { type Element, Parser } from "@xmpp/xml";
import { fieldsOf, formOf } from "./data_form.ts";
import { createInbox } from "./inbox.ts";

export { type Element, xml };

/** One contact, as RFC 6121 has it. */
export interface Contact {
  readonly subscription: string;
  readonly name?: string;
  readonly ask?: string;
  readonly approved?: string;
  readonly groups: readonly string[];
}

/** A client on a plain TCP stream (RFC 6120), without TLS. Refusals are answers: see {@linkcode conditionOf}. */
export interface XmppClient extends AsyncDisposable {
  /** What the server offers now. */
  readonly features: Element;
  /** The full JID, once logged in. */
  readonly jid: string | undefined;
  /** Asks and waits for the answer, a result or an error. `to` may be left out: one's own account. */
  iq(type: "get" | "set", to: string | undefined, child: Element): Promise<Element>;
  /** XEP-0445: shows an invite's token before registering. */
  preauth(token: string): Promise<Element>;
  /** XEP-0077. With an account's reset token shown before, this sets its password. */
  register(username: string, password: string): Promise<Element>;
  /** SASL PLAIN, a new stream, bind: the answer to the bind, or SASL's `failure`. */
  login(username: string, password: string, resource?: string): Promise<Element>;
  /** One's own roster by bare JID. @throws Error with the condition, if it is refused */
  roster(): Promise<Record<string, Contact>>;
  /** The roster and its version; nothing, if it is the version that we have (RFC 6121, 2.6). @throws as `roster` */
  rosterSince(ver?: string): Promise<{ ver: string; contacts: Record<string, Contact> } | undefined>;
  /** With nothing said: available to everybody who may see it. */
  sendPresence(attrs?: { to?: string; type?: string }, ...children: Element[]): Promise<void>;
  send(element: Element): Promise<void>;
  /** Takes the first stanza that fits and nobody took before. @throws Error after `timeout` ms (5 s) */
  next(fits?: (stanza: Element) => boolean, timeout?: number): Promise<Element>;
  /** Takes all that the server has sent up to now and nobody took: asks it for a pong, and that comes last. */
  rest(): Promise<Element[]>;
  /**
   * Runs a command of one step (XEP-0050), with these fields if it asks for any: the form's fields by name.
   * @throws Error with the condition or the note, if it is refused
   */
  command(to: string, node: string, fields?: Record<string, string>): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** What stands in the way: a stanza error's condition, or SASL's; nothing, if the answer is a good one. */
export function conditionOf(reply: Element): string | undefined {
  const failure = reply.is("failure", ns.sasl) ? reply : reply.getChild("error");
  return failure?.getChildElements().find((child) => !child.is("text"))?.getName();
}

const ns = {
  client: "jabber:client",
  streams: "http://etherx.jabber.org/streams",
  sasl: "urn:ietf:params:xml:ns:xmpp-sasl",
  bind: "urn:ietf:params:xml:ns:xmpp-bind",
  roster: "jabber:iq:roster",
  register: "jabber:iq:register",
  preauth: "urn:xmpp:pars:0",
  ping: "urn:xmpp:ping",
  commands: "http://jabber.org/protocol/commands",
};
const patience = 5_000; // ms

/** Connects to 127.0.0.1, opens a stream to this host and reads what it offers. */
export async function connect(host: string, port: number): Promise<XmppClient> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const inbox = createInbox<Element>(String);
  let parser = new Parser();
  let features = xml("features");
  let jid: string | undefined;
  let asked = 0;

  async function write(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let sent = 0; sent < bytes.length;) sent += await socket.write(bytes.subarray(sent));
    } catch (cause) {
      throw new Error("The stream is closed.", { cause });
    }
  }
  const send = (element: Element) => write(element.toString());
  const next = (fits: (stanza: Element) => boolean = () => true, timeout = patience) =>
    inbox.next(fits, timeout);

  function receive(element: Element): void {
    if (!element.is("error", ns.streams)) return inbox.deliver(element);
    inbox.close(
      new Error(`The server ended the stream: ${element.getChildElements().map(String).join(" ")}`),
    );
  }

  const reading = (async () => {
    for await (const text of socket.readable.pipeThrough(new TextDecoderStream())) parser.write(text);
  })().catch((error) => inbox.close(error)).finally(() => inbox.close(new Error("The stream is closed.")));

  async function openStream(): Promise<void> {
    parser = new Parser();
    parser.on("element", receive);
    parser.on("error", (error: Error) => inbox.close(error));
    await write(
      `<?xml version='1.0'?><stream:stream to='${host}' version='1.0' xmlns='${ns.client}' ` +
        `xmlns:stream='${ns.streams}'>`,
    );
    features = await next((element) => element.is("features", ns.streams));
  }

  const iq: XmppClient["iq"] = async (type, to, child) => {
    const id = `test-${++asked}`;
    await send(xml("iq", { type, id, ...(to === undefined ? {} : { to }) }, child));
    return await next((stanza) =>
      stanza.is("iq") && stanza.attrs.id === id && ["result", "error"].includes(stanza.attrs.type)
    );
  };

  const login: XmppClient["login"] = async (username, password, resource) => {
    const secret = new TextEncoder().encode(`\0${username}\0${password}`);
    await send(xml("auth", { xmlns: ns.sasl, mechanism: "PLAIN" }, secret.toBase64()));
    const answer = await next((element) => element.getNS() === ns.sasl);
    if (answer.is("failure")) return answer;
    await openStream();
    const wanted = resource === undefined ? [] : [xml("resource", {}, resource)];
    const bound = await iq("set", undefined, xml("bind", { xmlns: ns.bind }, ...wanted));
    jid = bound.getChild("bind", ns.bind)?.getChildText("jid") ?? undefined;
    return bound;
  };

  const rosterSince: XmppClient["rosterSince"] = async (ver) => {
    const reply = await iq(
      "get",
      undefined,
      xml("query", { xmlns: ns.roster, ...(ver === undefined ? {} : { ver }) }),
    );
    if (reply.attrs.type === "result" && reply.getChildElements().length === 0) return undefined;
    const query = granted(reply, "query", ns.roster);
    const contacts = query.getChildren("item").map((item) => [item.attrs.jid, contactOf(item)]);
    return { ver: query.attrs.ver, contacts: Object.fromEntries(contacts) };
  };

  async function close(): Promise<void> {
    // The server may have gone first: what we would tell it, it knows.
    await write("</stream:stream>").then(() => socket.closeWrite()).catch(() => {});
    await Promise.race([reading, next(() => false, 1_000).catch(() => {})]);
    try {
      socket.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    await reading;
  }

  try {
    await openStream();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get features() {
      return features;
    },
    get jid() {
      return jid;
    },
    ...{ iq, login, send, next, close },
    preauth: (token) => iq("set", host, xml("preauth", { xmlns: ns.preauth, token })),
    register: (username, password) =>
      iq(
        "set",
        undefined,
        xml("query", { xmlns: ns.register }, xml("username", {}, username), xml("password", {}, password)),
      ),
    rosterSince,
    roster: async () => (await rosterSince())?.contacts ?? {},
    async rest() {
      await iq("get", undefined, xml("ping", { xmlns: ns.ping }));
      return inbox.takeAll();
    },
    sendPresence: (attrs = {}, ...children) => send(xml("presence", attrs, ...children)),
    async command(to, node, fields) {
      const command = { xmlns: ns.commands, node };
      const run = async (...[attrs, ...children]: [Record<string, string>, ...Element[]]) =>
        granted(
          await iq("set", to, xml("command", { ...command, ...attrs }, ...children)),
          "command",
          ns.commands,
        );
      let reply = await run({ action: "execute" });
      const { status, sessionid } = reply.attrs as Record<string, string>;
      if (status === "executing" && sessionid !== undefined && fields) {
        reply = await run({ action: "complete", sessionid }, formOf(fields));
      }
      const note = reply.getChild("note");
      if (note?.attrs.type === "error") throw new Error(`Refused: ${note.getText()}`);
      return fieldsOf(reply);
    },
    [Symbol.asyncDispose]: close,
  };
}

/** The child that a good answer has; an error otherwise. */
function granted(reply: Element, name: string, namespace: string): Element {
  const child = reply.getChild(name, namespace);
  const condition = conditionOf(reply);
  if (condition !== undefined || child === undefined) throw new Error(`Refused: ${condition ?? reply}`);
  return child;
}

/** A roster's item. */
export function contactOf(item: Element): Contact {
  const { jid: _, ...attrs } = item.attrs as Record<string, string>;
  return {
    subscription: "none",
    ...attrs,
    groups: item.getChildren("group").map((group) => group.getText()),
  };
}
