import { host } from "./sides.ts";

/** Looks a small roster up over the control socket all the time, on another thread: the longest that took, ms. */
export async function watch(path: string): Promise<{ stop(): Promise<number> }> {
  const worker = new Worker(new URL("./waits_worker.ts", import.meta.url), { type: "module" });
  const answer = () => new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  const line = `<iq type='get' id='1' to='nobody@${host}'><query xmlns='jabber:iq:roster'/></iq>\n`;
  worker.postMessage({ path, line });
  await answer();
  return {
    async stop() {
      const said = answer();
      worker.postMessage("stop");
      const { longest, count } = await said as { longest: number; count: number };
      if (count < 5) throw new Error("The lookups were too few to say anything.");
      return longest;
    },
  };
}
