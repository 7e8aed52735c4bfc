import { allocatorSettings } from "../../src/build/program.ts";
import { startCouplet } from "../e2e/daemon.ts";
import { dial, type Peer } from "../e2e/peer.ts";
import type { Bench } from "./bench.ts";
import { show } from "./bench.ts";

const hosts = Array.from({ length: 8 }, (_, i) => `h${i}.example.org`);
const users = 500; // of each host, with 50 contacts
const control = "xmlns='urn:couplet:control:1'";

/** What logins are to the daemon: a roster asked for by each of eight Prosodys, at a steady rate. */
export const logins: Bench = {
  brief: "1,000 logins a second from eight servers, with an edit by every tenth",
  async run({ seconds, flags }) {
    const program = [Deno.execPath(), "run", ...flags, "--frozen", "--allow-all", "main.ts"];
    await using couplet = await startCouplet({ hosts, program, env: allocatorSettings });
    using stack = new DisposableStack();
    const peers = await Promise.all(hosts.map(async (host) => {
      const peer = stack.use(await dial(couplet.socket));
      await peer.send(`<hello ${control} role='lookup' host='${host}' server='Prosody 13.0.1'/>\n`);
      await peer.line();
      await fill(peer, host);
      return { peer, host };
    }));
    const errors: string[] = [];
    const steady = await Promise.all(
      peers.map(({ peer, host }) => load(peer, host, { seconds, rate: 1_000 / hosts.length, errors })),
    );
    const flat = await Promise.all(
      peers.map(({ peer, host }) => load(peer, host, { seconds, rate: Infinity, errors })),
    );
    const times = steady.flat().sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN;
    const rate = times.length / seconds;
    return {
      rows: [
        {
          ...{ name: "logins at a steady rate", unit: "/s", values: [rate] },
          also: { p50: `${show(at(0.5))} ms`, p99: `${show(at(0.99))} ms`, errors: String(errors.length) },
        },
        { name: "logins as fast as they are answered", unit: "/s", values: [flat.flat().length / seconds] },
      ],
      goals: [
        { name: "logins a second", value: rate, unit: "/s", wanted: { atLeast: 990 } },
        { name: "errors", value: errors.length, unit: "", wanted: { below: 1 } },
      ],
    };
  },
};

async function fill(peer: Peer, host: string): Promise<void> {
  const items = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [
      `contact${i}@${host}`,
      { name: `Contact ${i}`, subscription: "both", groups: { Friends: true } },
    ]),
  );
  const text = JSON.stringify({ items }).replaceAll('"', "&quot;");
  for (let user = 0; user < users; user++) {
    await peer.send(
      `<iq type='set' id='f${user}' to='u${user}@${host}'><roster ${control} version='1'>${text}</roster></iq>\n`,
    );
    const answer = await peer.line();
    if (!answer?.includes('type="result"')) throw new Error(answer);
  }
}

/** Asks as Prosody does, one after another; how long each took, ms. */
async function load(
  peer: Peer,
  host: string,
  { seconds, rate, errors }: { seconds: number; rate: number; errors: string[] },
): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  for (let n = 0;; n++) {
    const due = start + 1_000 * n / rate;
    if (Math.max(due, performance.now()) - start > seconds * 1_000) return times;
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    const to = `to='u${n * 7 % users}@${host}'`;
    const began = performance.now();
    await peer.send(`<iq type='get' id='g${n}' ${to}><roster ${control}/></iq>\n`);
    const answer = await peer.line();
    times.push(performance.now() - began);
    if (!answer?.includes(`id="g${n}"`) || !answer.includes("contact49@")) errors.push(String(answer));
    if (n % 10 > 0) continue;
    const delta = JSON.stringify({
      items: { [`contact3@${host}`]: { name: `New ${n}`, subscription: "both" } },
    });
    const text = delta.replaceAll('"', "&quot;");
    await peer.send(`<iq type='set' id='s${n}' ${to}><roster ${control} version='2'>${text}</roster></iq>\n`);
    const saved = await peer.line();
    if (!saved?.includes('type="result"')) errors.push(String(saved));
  }
}
