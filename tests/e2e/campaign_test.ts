import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { startCouplet } from "./daemon.ts";

const host = "example.org";

interface Seen {
  readonly id: string;
  readonly token: string;
}

const parse = (text: string): Seen[] => text.split("\n").slice(0, -1).map((line) => JSON.parse(line)); // the last line may be half a one

/** Reads until it ends or breaks off; `look` is told how many lines there are so far. */
async function readAll(
  response: Response,
  look: (lines: number) => void,
): Promise<{ lines: Seen[]; broke: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const part of response.body!) {
      text += decoder.decode(part, { stream: true });
      look(text.split("\n").length - 1);
    }
    return { lines: parse(text), broke: false };
  } catch {
    return { lines: parse(text), broke: true };
  }
}

Deno.test("a daemon killed in the middle of a bulk request loses no invite that was told, and makes up the rest", async () => {
  await using daemon = await startCouplet({ hosts: [host] });
  const scopes = ["invites:create", "invites:read"].flatMap((scope) => ["--scope", scope]);
  const key = (await daemon.cli("keys", "create", host, ...scopes)).stdout.trim();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const bulk = (idempotencyKey: string, count: number) =>
    fetch(`${daemon.url}/v1/invites/bulk`, {
      method: "POST",
      headers: { ...headers, "idempotency-key": idempotencyKey },
      body: JSON.stringify({ count }),
    });
  const get = async (path: string) => await (await fetch(daemon.url + path, { headers })).json();

  for (let round = 1; round <= 3; round++) {
    const count = 8_000;
    const response = await bulk(`round ${round}`, count);
    assert.equal(response.status, 201);
    const campaign = response.headers.get("location") ?? "";
    let killed: Promise<void> | undefined;
    const { lines: told, broke } = await readAll(response, (lines) => {
      if (lines >= 400 * round) killed ??= daemon.kill();
    });
    await killed;
    await daemon.restart();

    const { made, invites } = await get(campaign);
    assert.equal(invites.pending, made, "what is counted is there");
    assert.ok(made >= told.length && made % 100 === 0, `${made} made, ${told.length} told`);
    assert.ok(broke && made < count, `${made} made`);
    const all = parse(await (await bulk(`round ${round}`, count)).text());
    assert.equal(all.length, count);
    assert.deepEqual(all.slice(0, told.length), told);
    assert.equal(new Set(all.map(({ token }) => token)).size, count);
    assert.equal((await get(campaign)).made, count);
  }
  const database = new DatabaseSync(`${daemon.dataDir}/couplet.db`, { readOnly: true });
  assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
  assert.deepEqual(database.prepare("pragma foreign_key_check").all(), []);
  database.close();
});

Deno.test("who hangs up stops the making, and the command line and the daemon make at the same time", async () => {
  await using daemon = await startCouplet({ hosts: [host] });
  const scopes = ["invites:create", "invites:read"].flatMap((scope) => ["--scope", scope]);
  const key = (await daemon.cli("keys", "create", host, ...scopes)).stdout.trim();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const bulk = (count: number, signal?: AbortSignal) =>
    fetch(`${daemon.url}/v1/invites/bulk`, {
      ...{ method: "POST", headers, body: JSON.stringify({ count }) },
      ...(signal && { signal }),
    });
  const first = parse(await (await bulk(700)).text());
  await daemon.cli("invites", "revoke", host, first[699]!.id);
  const campaigns = await (await fetch(`${daemon.url}/v1/campaigns`, { headers })).json();
  const revoked = `${daemon.url}/v1/campaigns/${campaigns.campaigns[0].id}/invites?state=revoked`;
  const found = parse(await (await fetch(revoked, { headers })).text());
  assert.deepEqual(found.map(({ id }) => id), [first[699]!.id], "behind many that do not fit");

  const hangUp = new AbortController();
  const response = await bulk(10_000, hangUp.signal);
  await readAll(response, () => hangUp.abort());
  const campaign = response.headers.get("location") ?? "";
  const made = async () => (await (await fetch(daemon.url + campaign, { headers })).json()).made as number;
  let [before, now] = [-1, await made()];
  for (let looks = 0; before !== now && looks < 100; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    [before, now] = [now, await made()];
  }
  assert.ok(now < 10_000, `${now}`);

  const [command, ...answers] = await Promise.all([
    daemon.cli("invites", "bulk", host, "--count", "3000"),
    ...Array.from({ length: 3 }, () => bulk(1_000).then((one) => one.text())),
  ]);
  assert.equal(command.code, 0, command.stderr);
  const tokens = [
    ...answers.flatMap(parse).map(({ token }) => token),
    ...command.stdout.trimEnd().split("\n").map((link) => link.split("/").at(-1)),
  ];
  assert.equal(new Set(tokens).size, 6_000);
  const database = new DatabaseSync(`${daemon.dataDir}/couplet.db`, { readOnly: true });
  const { n } = database.prepare("select count(*) as n from invite").get()!;
  assert.equal(n, 6_700 + now);
  database.close();
});
