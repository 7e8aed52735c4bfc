import { setImmediate } from "node:timers";

/** What is ready in this turn of the event loop runs first. No socket is looked at. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => resolve()));

/** Whoever waits for the event loop has a turn, sockets too: those are looked at when nothing else is left to do. */
export const letOthersRun = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Work in pieces, each of some ms, as long as one says that there is more: others have a turn after each. */
export async function inPieces(piece: () => Promise<boolean>): Promise<void> {
  while (await piece()) await letOthersRun();
}

/** ms that long work may hold the event loop: Prosody, above all, waits for it. */
const longest = 4;

const waiting: (() => void)[] = [];

/** One long work goes on in a turn: sixteen, each with its few ms, would hold the event loop for all of them. */
const myTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setTimeout(callNext, 0);
  });

function callNext(): void {
  waiting.shift()!();
  if (waiting.length > 0) setTimeout(callNext, 0);
}

/** For long work: asked every now and then, lets others run when it is time. */
export function createPace(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < longest) return undefined;
    return myTurn().then(() => void (began = performance.now()));
  };
}
