import { allocatorSettings } from "../../src/build/program.ts";
import { startCouplet } from "../e2e/daemon.ts";
import { startProsody } from "../e2e/prosody_server.ts";
import { connect, xml } from "../e2e/xmpp_client.ts";
import type { Bench } from "./bench.ts";
import { median, show } from "./bench.ts";
import { host, machineProsody } from "./sides.ts";
import { watch } from "./waits.ts";

const contacts = 10_000;

/** Three of ten thousand contacts change: what clients hear of it, and how long others wait meanwhile. */
export const rosterPut: Bench = {
  brief: "PUT of a roster of 10,000 contacts of which 3 changed",
  async run({ runs, flags }) {
    const program = [Deno.execPath(), "run", ...flags, "--frozen", "--allow-all", "main.ts"];
    await using couplet = await startCouplet({ hosts: [host], program, env: allocatorSettings });
    await using prosody = await startProsody(await machineProsody(), {
      hosts: [host],
      socket: couplet.socket,
    });
    await prosody.logged("Linked to Couplet");
    await prosody.ctl("register", "john", host, "a secret");
    const scopes = ["--scope", "rosters:read", "--scope", "rosters:write"];
    const key = (await couplet.cli("keys", "create", host, ...scopes)).stdout.trim();
    const put = async (roster: unknown) => {
      const response = await fetch(`${couplet.url}/v1/rosters/john`, {
        method: "PUT",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(roster),
      });
      const report = await response.json();
      if (response.status !== 200) throw new Error(JSON.stringify(report));
      return report as { added: string[]; changed: string[]; removed: string[] };
    };
    const roster = Object.fromEntries(
      Array.from(
        { length: contacts },
        (_, i) => [`contact${i}@${host}`, { name: `Contact ${i}`, groups: ["All"] }],
      ),
    );
    await put(roster);
    await using john = await connect(host, prosody.c2sPort);
    await john.login("john", "a secret");
    await john.roster();

    const times: number[] = [];
    const waits: number[] = [];
    let pushes = 0;
    for (let run = 0; run < runs * 3; run++) {
      const next = { ...roster, [`contact${run}@${host}`]: { name: `Renamed ${run}`, groups: ["All"] } };
      delete (next as Record<string, unknown>)[`contact${100 + run}@${host}`];
      next[`new${run}@${host}`] = { name: "New", groups: [] };
      const watching = await watch(couplet.socket);
      const start = performance.now();
      const { added, changed, removed } = await put(next);
      times.push(performance.now() - start);
      waits.push(await watching.stop());
      const told = [...added, ...changed, ...removed].length;
      await john.iq("get", host, xml("ping", { xmlns: "urn:xmpp:ping" }));
      for (let i = 0; i < told; i++) {
        await john.next((stanza) => stanza.is("iq") && stanza.attrs.type === "set");
        pushes++;
      }
      if (run === 0 && told !== 3) throw new Error(`${told} changes instead of 3`);
      await put(roster);
      for (let i = 0; i < 3; i++) await john.next((stanza) => stanza.is("iq") && stanza.attrs.type === "set");
    }
    return {
      rows: [
        { name: "answered after", unit: "ms", values: times },
        {
          name: "longest that a lookup waited meanwhile",
          unit: "ms",
          values: waits,
          also: { worst: `${show(Math.max(...waits))} ms` },
        },
        { name: "roster pushes a PUT", unit: "", values: [pushes / (runs * 3)] },
      ],
      goals: [
        { name: "longest wait, median", value: median(waits), unit: "ms", wanted: { below: 20 } },
        { name: "pushes a PUT", value: pushes / (runs * 3), unit: "", wanted: { below: 3.01 } },
      ],
    };
  },
};
