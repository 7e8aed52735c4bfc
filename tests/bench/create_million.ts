import type { Bench } from "./bench.ts";
import { inTurn, loadRow, ratio, worstP99 } from "./bench.ts";
import { fillStore } from "./fill.ts";
import { coupletSide } from "./sides.ts";
import { type Load, runWrk } from "./wrk.ts";

const many = 1_000_000;

/** Whether creating stays as fast when a million invites are pending. */
export const createMillion: Bench = {
  brief: "the same beside 1,000,000 pending invites",
  async run({ seconds, runs, flags }) {
    const full = await Deno.makeTempDir({ prefix: "couplet-million-" });
    try {
      const started = performance.now();
      const size = await fillStore(full, many);
      const took = performance.now() - started;
      const found = await inTurn(runs, {
        empty: () => createIn(undefined, seconds, flags),
        million: () => createIn(full, seconds, flags),
      });
      return {
        rows: [
          loadRow("Couplet, empty store", found.empty),
          loadRow("Couplet, 1,000,000 pending", found.million),
          { name: "file of a million", unit: "MB", values: [size / 1e6] },
          { name: "filling it, not measured below", unit: "s", values: [took / 1000] },
        ],
        goals: [
          {
            ...{
              name: "of the empty store's rate",
              value: 100 * ratio(found.million, found.empty),
              unit: "%",
            },
            wanted: { atLeast: 80 },
          },
          {
            name: "worst p99 beside a million",
            value: worstP99(found.million),
            unit: "ms",
            wanted: { below: 10 },
          },
        ],
      };
    } finally {
      await Deno.remove(full, { recursive: true });
    }
  },
};

/** On a copy, so that every run finds the same. */
async function createIn(
  from: string | undefined,
  seconds: number,
  flags: readonly string[],
): Promise<Load> {
  const dataDir = await Deno.makeTempDir({ prefix: "couplet-data-" });
  try {
    if (from !== undefined) {
      for (const name of ["couplet.db", "secret.key"]) {
        await Deno.copyFile(`${from}/${name}`, `${dataDir}/${name}`);
      }
    }
    await new Deno.Command("sync").output(); // the copy's write-back is no part of what follows
    await using side = await coupletSide({ dataDir, flags });
    await runWrk({ ...side.creating(), seconds: 2 });
    return await runWrk({ ...side.creating(), seconds });
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}
