import type { Bench } from "./bench.ts";
import { inTurn, loadRow, ratio } from "./bench.ts";
import { coupletSide, host } from "./sides.ts";
import { type Load, runWrk } from "./wrk.ts";

/** Invites created per second while nobody, and while a webhook, is told of them. */
export const webhooks: Bench = {
  brief: "invites made through /invites_api, without a webhook and with one",
  async run({ seconds, runs, flags }) {
    const found = await inTurn(runs, {
      none: () => createWith([], { seconds, flags }),
      other: () => createWith(["--event", "roster.changed"], { seconds, flags }),
      told: () => createWith(["--event", "invite.created"], { seconds, flags }),
    });
    return {
      rows: [
        loadRow("no webhook", found.none),
        loadRow("a webhook that wants other events", found.other),
        loadRow("a webhook that is told of each", found.told),
      ],
      goals: [
        goal("other events, of none", ratio(found.other, found.none), 0.95),
        goal("told, of none", ratio(found.told, found.none), 0.5),
      ],
    };
  },
};

const warmUp = 2; // s

const goal = (name: string, value: number, atLeast: number) => ({
  name,
  value,
  unit: "×",
  wanted: { atLeast },
});

/** The receiver is a thread of its own, and takes everything. */
async function createWith(
  events: readonly string[],
  { seconds, flags }: { seconds: number; flags: readonly string[] },
): Promise<Load> {
  await using stack = new AsyncDisposableStack();
  const config = await Deno.makeTempFile({ prefix: "couplet-", suffix: ".toml" });
  stack.defer(() => Deno.remove(config));
  await Deno.writeTextFile(config, "[webhooks]\nallow_private = true\n");
  const side = stack.use(await coupletSide({ flags, env: { COUPLET_CONFIG: config } }));
  if (events.length > 0) {
    const worker = new Worker(new URL("./receiver_worker.ts", import.meta.url).href, { type: "module" });
    stack.defer(() => worker.terminate());
    const url = await new Promise<string>((resolve) => worker.onmessage = ({ data }) => resolve(data));
    const { code, stderr } = await side.daemon.cli("webhooks", "create", host, url, ...events);
    if (code !== 0) throw new Error(stderr);
  }
  await runWrk({ ...side.creating(), seconds: warmUp });
  return await runWrk({ ...side.creating(), seconds });
}
