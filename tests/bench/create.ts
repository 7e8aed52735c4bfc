import type { Bench, Goal } from "./bench.ts";
import { inTurn, loadRow, ratio, worstP99 } from "./bench.ts";
import { coupletSide, prosodySide, type Side, type Storage } from "./sides.ts";
import { type Load, runWrk } from "./wrk.ts";

/** Invites created per second, from an empty store in each run. */
export const create: Bench = {
  brief: "invites made through /invites_api, from an empty store",
  async run({ seconds, runs, flags }) {
    const found = await inTurn(runs, {
      couplet: () => createOn(coupletSide({ flags }), seconds),
      internal: () => createOnProsody("internal", seconds),
      sqlite: () => createOnProsody("SQLite", seconds),
    });
    return {
      rows: [
        loadRow("Couplet (synchronous=FULL)", found.couplet),
        loadRow("Prosody, internal storage (no fsync)", found.internal),
        loadRow("Prosody, SQLite", found.sqlite),
      ],
      goals: [
        goal("times internal", ratio(found.couplet, found.internal), 150),
        goal("times SQLite", ratio(found.couplet, found.sqlite), 15),
        { name: "worst p99", value: worstP99(found.couplet), unit: "ms", wanted: { below: 10 } },
      ],
    };
  },
};

const warmUp = 2; // s

const goal = (name: string, value: number, atLeast: number): Goal => ({
  name,
  value,
  unit: "×",
  wanted: { atLeast },
});

/** Warms up and measures with the same request. */
async function createOn(starting: Promise<Side>, seconds: number): Promise<Load> {
  await using side = await starting;
  await runWrk({ ...side.creating(), seconds: warmUp });
  return await runWrk({ ...side.creating(), seconds });
}

/** As above; what the warm-up made is taken away, because internal storage slows down with every invite. */
async function createOnProsody(storage: Storage, seconds: number): Promise<Load> {
  await using side = await prosodySide(storage);
  await runWrk({ ...side.creating(), seconds: warmUp });
  if (storage === "internal") await Deno.remove(`${side.server.dataDir}/example%2eorg/invite_token.dat`);
  return await runWrk({ ...side.creating(), seconds });
}
