import { setImmediate } from "node:timers";

/** Long work does a slice, then this: whoever waits for the event loop, Prosody above all, has a turn. */
export const letOthersRun = (): Promise<void> => new Promise((resolve) => setImmediate(() => resolve()));
