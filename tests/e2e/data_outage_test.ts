import assert from "node:assert/strict";
import { again } from "./again.ts";
import { type DataAnswer, type DataStage, inSql, startDataStage } from "./data_rig.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";

const user = "user:a secret";
const quick = { config: "couplet_pause = 1" };

const pidOf = async ({ pair }: DataStage) =>
  Number(await Deno.readTextFile(`${pair.prosody.dataDir}/../prosody.pid`));

/** What was answered, and after how long (ms). */
async function timed(work: Promise<DataAnswer>): Promise<DataAnswer & { time: number }> {
  const began = performance.now();
  return { ...await work, time: performance.now() - began };
}

function assertAway({ status, headers, text, time }: DataAnswer & { time: number }, within: number): void {
  assert.equal(status, 503, text);
  assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.match(text, /urn:couplet:problem:store-unavailable/);
  assert.ok(time < within, `${time} ms`);
}

onEachProsody("without Prosody, or when it hangs, the answer is 503, and soon", async (install) => {
  await using stage = await startDataStage(install, quick);
  const { data, pair } = stage;
  assert.equal((await data("PUT", "teststore", { as: user, json: { a: 1 } })).status, 201);
  const requests = (json: unknown) => [
    data("GET", "teststore", { as: user }),
    data("GET", "teststore", { as: "user:wrong" }),
    data("GET", "/v1/data/user", { as: user }),
    data("PUT", "teststore", { as: user, json }),
    data("POST", "mylist", { as: "john:a secret", json: 1 }),
    data("DELETE", "sa", { as: user }),
  ];

  const pid = await pidOf(stage);
  Deno.kill(pid, "SIGSTOP");
  try {
    const waited = await Promise.all(
      [...requests({ a: 2 }), ...requests({ a: 2 }), ...requests({ a: 2 })].map(timed),
    );
    for (const one of waited) assertAway(one, 5_000);
  } finally {
    Deno.kill(pid, "SIGCONT");
  }
  await eventually(async () => (await data("GET", "teststore", { as: user })).status === 200);
  assert.deepEqual((await data("GET", "teststore", { as: user })).json, { a: 1 });

  await pair.prosody.stop();
  await pair.couplet.logged("Prosody is no longer linked");
  for (const one of await Promise.all(requests({ a: 2 }).map(timed))) assertAway(one, 1_000);
  await pair.prosody.restart();
  await eventually(async () => (await data("GET", "teststore", { as: user })).status === 200);
  assert.equal((await data("PUT", "teststore", { as: user, json: { a: 3 } })).status, 201);
});

/** Items that are appended by somebody who does not try again what may have been done. */
const appends = ({ data }: DataStage, who: string) =>
  again(async (i) => {
    const item = `${who} ${i}`;
    try {
      const { status, text } = await data("POST", "mylist", { as: user, json: item });
      assert.ok(status === 201 || status === 503, `${status} ${text}`);
      return status === 201 ? item : undefined;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return undefined; // the daemon is down, or died before all of its answer was sent
    }
  });

for (const [name, storage] of Object.entries({ files: "", SQL: inSql.config })) {
  onEachProsody(
    `crashes on either side lose nothing acknowledged, and repeat nothing: ${name}`,
    async (install) => {
      await using stage = await startDataStage(install, {
        config: `${storage}
${quick.config}`,
      });
      const { pair, data } = stage;
      const writers = ["one", "two", "three"].map((who) => appends(stage, who));
      const more = async () => {
        const enough = writers.map(({ done }) => done.length + 5);
        await eventually(() => writers.every(({ done }, i) => done.length >= enough[i]!));
      };
      await more();
      await pair.couplet.kill();
      await pair.couplet.restart();
      await more();
      await pair.prosody.restart();
      await more();
      await pair.prosody.kill();
      await pair.prosody.restart();
      await more();
      await Promise.all(writers.map(({ stop }) => stop()));
      const list: string[] = (await data("GET", "mylist", { as: user })).json;
      assert.equal(new Set(list).size, list.length, "something is there twice");
      const lost = writers.flatMap(({ done }) => done).filter((item) => !list.includes(item));
      assert.deepEqual(lost, []);
      // In the order in which each was acknowledged.
      for (const { done } of writers) assert.deepEqual(list.filter((item) => done.includes(item)), done);
    },
  );
}
