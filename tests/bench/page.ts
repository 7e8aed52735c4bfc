import { randomId, systemRandom } from "../../src/core/token.ts";
import type { Bench } from "./bench.ts";
import { inTurn, loadRow, ratio } from "./bench.ts";
import { coupletSide, host, type ProsodySide, prosodySide, type Side } from "./sides.ts";
import { runWrk } from "./wrk.ts";

const many = 2_000;

/** The page behind an invite's link. */
export const page: Bench = {
  brief: "landing page of a valid invite",
  async run({ seconds, runs, flags }) {
    await using couplet = await coupletSide({ flags });
    await using prosody = await prosodySide("internal");
    const lists = await Deno.makeTempDir({ prefix: "couplet-bench-" });
    const measure = async (target: { url: string; headers: Record<string, string>; paths?: string }) => {
      await runWrk({ ...target, seconds: 1 });
      return await runWrk({ ...target, seconds });
    };
    const headers = { Host: host };
    try {
      const ours = here(await couplet.invite(), couplet.daemon.url);
      const base = `http://127.0.0.1:${prosody.server.httpPort}`;
      const theirs = here(await prosody.invite(), base);
      const one = await inTurn(runs, {
        couplet: () => measure({ url: ours, headers }),
        prosody: () => measure({ url: theirs, headers }),
      });
      const ourMany = await listPaths(`${lists}/couplet`, await fillCouplet(couplet));
      const theirMany = await listPaths(`${lists}/prosody`, await fillProsody(prosody, theirs));
      const each = await inTurn(runs, {
        couplet: () => measure({ url: ours, headers, paths: ourMany }),
        prosody: () => measure({ url: theirs, headers, paths: theirMany }),
      });
      const goal = (name: string, value: number) => ({ name, value, unit: "×", wanted: { atLeast: 50 } });
      const size = (loads: { size: number }[]) => `, ${Math.round(loads[0]?.size ?? 0)} bytes`;
      return {
        rows: [
          loadRow(`Couplet, one invite${size(one.couplet)}`, one.couplet),
          loadRow(`Prosody, one invite${size(one.prosody)}`, one.prosody),
          loadRow(`Couplet, 2,000 in turn`, each.couplet),
          loadRow(`Prosody, 2,000 in turn`, each.prosody),
        ],
        goals: [
          goal("times Prosody, one invite", ratio(one.couplet, one.prosody)),
          goal("times Prosody, 2,000 in turn", ratio(each.couplet, each.prosody)),
        ],
      };
    } finally {
      await Deno.remove(lists, { recursive: true });
    }
  },
};

/** The same address at the server that we started, whatever public name it gave. */
function here(link: string, base: string): string {
  const { pathname, search } = new URL(link);
  return base + pathname + search;
}

/** Prosody makes its 2,000th in 50 ms, so its file is written for it: copies of the first under other tokens. */
async function fillProsody(side: ProsodySide, link: string): Promise<string[]> {
  const file = `${side.server.dataDir}/example%2eorg/invite_token.dat`;
  const text = await Deno.readTextFile(file);
  const { search } = new URL(link);
  const token = search.slice(1);
  const start = text.indexOf("{") + 1;
  const entry = text.slice(start, text.lastIndexOf("}"));
  if (!entry.includes(token)) throw new Error(`There is no ${token} in ${file}.`);
  const tokens = Array.from({ length: many }, () => randomId(systemRandom, 18));
  const entries = tokens.map((other) => entry.replaceAll(token, other));
  await Deno.writeTextFile(file, text.slice(0, start) + entries.join("") + "};\n");
  return tokens.map((other) => link.replace(token, other));
}

async function fillCouplet(side: Side): Promise<string[]> {
  const links: string[] = [];
  for (let i = 0; i < many; i++) links.push(await side.invite());
  return links;
}

/** As a file for wrk. */
async function listPaths(file: string, links: readonly string[]): Promise<string> {
  await Deno.writeTextFile(file, links.map((link) => here(link, "") + "\n").join(""));
  return file;
}
