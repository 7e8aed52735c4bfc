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
        for (const { reject } of batch.flatMap(([, waiting]) => waiting)) reject(error);
        // Who waits behind it would wait as long in vain.
        const unsent = error instanceof Unanswered ? new Unanswered(error.why) : error;
        for (const { reject } of [...queue.calls.values()].flat()) reject(unsent);
        queue.calls.clear();
      }
    }
    queues.delete(host);
  }

  async function exchange(host: string, batch: [string, Waiting[]][], queue: Queue): Promise<void> {
    const link = channel.link(host);
    if (!link) throw new Unanswered("Prosody is not there.");
    const chunk = `return {${batch.map(([literal]) => literal).join(",")}}`;
    const reply = await link.request("get", host, xml("data", { xmlns: controlNs }, chunk), patience)
      .catch((error) => {
        throw error instanceof Problem && error.code === "store-unavailable"
          ? new Unanswered("Prosody did not answer in time.", true)
          : error;
      });
    const texts = reply.getChild("data", controlNs)?.getText().split("\t") ?? [];
    const answers = texts.map(readAnswer);
    if (answers.length !== batch.length || answers[0] === undefined) throw confused();
    const later = new Map<string, Waiting[]>(); // there was no room left: they come first in the next line
    for (const [i, [literal, waiting]] of batch.entries()) {
      const answer = answers[i];
      if (answer === undefined) later.set(literal, waiting);
      else for (const { resolve } of waiting) resolve(answer);
    }
    if (later.size === 0) return;
    for (const [literal, waiting] of queue.calls) later.set(unlike(literal, later), waiting);
    queue.calls = later;
  }

  return {
    ask(host, call) {
      const literal = callLiteral(call);
      let queue = queues.get(host);
      if (!queue) queues.set(host, queue = { calls: new Map(), underWay: false });
      const { calls } = queue;
      return new Promise((resolve, refuse) => {
        const reject = (error: unknown) =>
          refuse(error instanceof Unanswered ? error.toProblem(call.call === "set") : error);
        const same = call.call === "set" ? undefined : calls.get(literal);
        if (same) return void same.push({ resolve, reject });
        if (calls.size >= mostWaiting) return reject(new Unanswered("Prosody has too much to do."));
        calls.set(call.call === "set" ? unlike(literal, calls) : literal, [{ resolve, reject }]);
        if (!queue.underWay) drain(host, queue);
      });
    },
  };
}

/** What was asked has no answer; only what was sent may have been done all the same. */
class Unanswered extends Error {
  constructor(readonly why: string, readonly wasSent = false) {
    super(why);
  }

  toProblem(isChange: boolean): Problem {
    const doubt = isChange && this.wasSent ? "; the change may have been made or not" : "";
    return new Problem("store-unavailable", `${this.why} Try again in a few seconds${doubt}.`);
  }
}

const confused = () => new Unanswered("Prosody gave an answer that cannot be read.", true);

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

/** Two equal changes are two changes, and what has been sent is not joined any more. */
function unlike(literal: string, calls: ReadonlyMap<string, unknown>): string {
  while (calls.has(literal)) literal += " ";
  return literal;
}

/** As flat as can be: what Prosody reads becomes garbage, and that costs it more than to read it. */
function callLiteral({ login, admin, ...call }: StoredCall): string {
  const { value, ...rest } = { value: undefined, ...call };
  const asker = login && { as: login.user, proof: login.proof };
  const literal = luaLiteral({ ...rest, ...asker, ...(admin && { admin }) });
  return value === undefined ? literal : `${literal.slice(0, -1)},value=${value}}`;
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
  if (!words.has(word)) throw confused();
  return { is: word, text: at < 0 ? "" : text.slice(at + 1) } as StoredAnswer;
}
