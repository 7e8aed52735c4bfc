import { luaLiteral } from "../channel/lua_literal.ts";
import type { Channel } from "../channel/server.ts";
import { controlNs, xml } from "../channel/stanza.ts";
import { Problem } from "../core/problem.ts";
import { nextTurn } from "../core/turn.ts";
import type { StoredAnswer, StoredCall, StoredData } from "./stored_data.ts";

const mostAtOnce = 32; // calls in one line: Prosody does nothing else meanwhile
const mostBytes = 1 << 18; // of calls in one line; a single call may have more
const mostWaiting = 1_000;
const patience = 3_000; // ms

interface Waiting {
  readonly resolve: (answer: StoredAnswer) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  /** By what is asked: who asks the same in the same turn gets the same answer. */
  calls: Map<string, Waiting[]>;
  underWay: boolean;
}

/** Asks the Prosody that is linked for a host, through mod_couplet's `couplet_data`. */
export function createDataOverChannel(channel: Pick<Channel, "link">): StoredData {
  const queues = new Map<string, Queue>();

  /** One line at a time: while Prosody is at it, the next calls gather. */
  async function drain(host: string, queue: Queue): Promise<void> {
    queue.underWay = true;
    await nextTurn();
    while (queue.calls.size > 0) {
      const batch = take(queue);
      try {
        await exchange(host, batch, queue);
      } catch (error) {
        // Who has come in the meantime would wait as long as these have, and those who come then longer.
        const all = error instanceof Problem && error.code === "store-unavailable"
          ? [...batch, ...queue.calls.entries()]
          : batch;
        for (const [, waiting] of all) for (const { reject } of waiting) reject(error);
        if (all !== batch) queue.calls.clear();
      }
    }
    queues.delete(host);
  }

  async function exchange(host: string, batch: [string, Waiting[]][], queue: Queue): Promise<void> {
    const link = channel.link(host);
    if (!link) throw unavailable("Prosody is not there.");
    const chunk = `return {${batch.map(([literal]) => literal).join(",")}}`;
    const reply = await link.request("get", host, xml("data", { xmlns: controlNs }, chunk), patience)
      .catch((error) => {
        throw error instanceof Problem && error.code === "store-unavailable"
          ? unavailable("Prosody did not answer in time.")
          : error;
      });
    const answers = reply.getChild("data", controlNs)?.getText().split("\t") ?? [];
    if (answers.length !== batch.length) throw unavailable("Prosody gave an answer that cannot be read.");
    const left: typeof queue.calls = new Map(); // there was no room for them: they come first now, or never would
    answers.forEach((text, i) => {
      const [literal, waiting] = batch[i] as [string, Waiting[]];
      const answer = readAnswer(text);
      if (answer) { for (const { resolve } of waiting) resolve(answer); }
      else left.set(literal, waiting);
    });
    for (const [literal, waiting] of queue.calls) left.set(unlike(literal, left), waiting);
    queue.calls = left;
  }

  return {
    ask(host, call) {
      const literal = callLiteral(call);
      let queue = queues.get(host);
      if (!queue) queues.set(host, queue = { calls: new Map(), underWay: false });
      const { calls } = queue;
      return new Promise((resolve, reject) => {
        const same = call.call === "set" ? undefined : calls.get(literal);
        if (same) return void same.push({ resolve, reject });
        if (calls.size >= mostWaiting) return reject(unavailable("Prosody has too much to do."));
        calls.set(call.call === "set" ? unlike(literal, calls) : literal, [{ resolve, reject }]);
        if (!queue.underWay) drain(host, queue);
      });
    },
  };
}

const unavailable = (why: string) =>
  new Problem("store-unavailable", `${why} Try again in a few seconds; a change may have been made or not.`);

function take(queue: Queue): [string, Waiting[]][] {
  const batch: [string, Waiting[]][] = [];
  let size = 0;
  for (const [literal, waiting] of queue.calls) {
    size += literal.length;
    if (batch.length > 0 && (size > mostBytes || batch.length >= mostAtOnce)) break;
    batch.push([literal, waiting]);
  }
  for (const [literal] of batch) queue.calls.delete(literal);
  return batch;
}

/** Two equal changes are two changes. */
function unlike(literal: string, calls: ReadonlyMap<string, unknown>): string {
  while (calls.has(literal)) literal += " ";
  return literal;
}

function callLiteral(call: StoredCall): string {
  if (call.call !== "set" || call.value === undefined) return luaLiteral(call);
  const { value, ...rest } = call;
  return `${luaLiteral(rest).slice(0, -1)},value=${value}}`;
}

const words: ReadonlySet<string> = new Set<StoredAnswer["is"]>([
  ...["value", "list", "nothing", "done", "stranger", "forbidden", "no-user"] as const,
  ...["changed", "altered", "too-large", "failed"] as const,
]);

/** `undefined` for what is to be asked again. */
function readAnswer(text: string): StoredAnswer | undefined {
  const at = text.indexOf(" ");
  const word = at < 0 ? text : text.slice(0, at);
  if (word === "later") return undefined;
  if (!words.has(word)) throw unavailable("Prosody gave an answer that cannot be read.");
  return { is: word, text: at < 0 ? "" : text.slice(at + 1) } as StoredAnswer;
}
