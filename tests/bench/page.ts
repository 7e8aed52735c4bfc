import type { Bench } from "./bench.ts";
import { inTurn, loadRow, ratio } from "./bench.ts";
import { coupletSide, host, prosodySide, type Side } from "./sides.ts";
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
      const target = async (side: Side, url: string) => ({
        ...{ url, headers },
        paths: await listPages(side, `${lists}/${new URL(url).port}`, url),
      });
      const [ourMany, theirMany] = [await target(couplet, ours), await target(prosody, theirs)];
      const each = await inTurn(runs, {
        couplet: () => measure(ourMany),
        prosody: () => measure(theirMany),
      });
      const goal = (name: string, value: number) => ({ name, value, unit: "×", wanted: { atLeast: 20 } });
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

/** Makes the invites through the API and keeps the paths of their pages in a file. */
async function listPages(side: Side, file: string, like: string): Promise<string> {
  const paths: string[] = [];
  for (let i = 0; i < many; i++) paths.push(here(await side.invite(), ""));
  if (paths.some((path) => path.length !== here(like, "").length)) throw new Error("Not all are pages.");
  await Deno.writeTextFile(file, paths.join("\n") + "\n");
  return file;
}
