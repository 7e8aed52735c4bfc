import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { type Pair, startPair } from "./pair.ts";
import { conditionOf } from "./xmpp_client.ts";

const streams = 50;

/** Fifty streams show one token, then all register at once: how many accounts there are then. */
async function race(pair: Pair, token: string, uses: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const guests = await Promise.all(Array.from({ length: streams }, async (_, i) => {
    const client = stack.use(await pair.guest(token));
    return { client, name: `racer${i}` };
  }));
  const answers = await Promise.all(guests.map(async ({ client, name }) => ({
    ...{ client, name },
    condition: conditionOf(await client.register(name, "a secret")),
  })));

  const winners = answers.filter(({ condition }) => condition === undefined);
  assert.equal(winners.length, uses);
  const refusals = new Set(answers.map(({ condition }) => condition).filter((it) => it !== undefined));
  assert.deepEqual([...refusals], ["gone"]);

  const in_ = await Promise.all(answers.map(async ({ client, name }) => ({
    name,
    condition: conditionOf(await client.login(name, "a secret")),
  })));
  const names = (some: { name: string }[]) => some.map(({ name }) => name).sort();
  assert.deepEqual(names(in_.filter(({ condition }) => condition === undefined)), names(winners));

  const accounts = [...Deno.readDirSync(`${pair.prosody.dataDir}/example%2eorg/accounts`)];
  assert.equal(accounts.length, uses);

  const invite = await pair.look(token);
  assert.deepEqual([invite.state, invite.uses], ["used", uses]);
  const redeemers = invite.redeemed_by?.map(({ jid }) => jid).sort();
  assert.deepEqual(redeemers, names(winners).map((name) => `${name}@example.org`));
}

onEachProsody(
  "of fifty who register at once with a single-use token one gets an account",
  async (install) => {
    await using pair = await startPair(install);
    await race(pair, (await pair.invite()).token, 1);
  },
);

onEachProsody(
  "of fifty who register at once with a token of seven uses seven get an account",
  async (install) => {
    await using pair = await startPair(install);
    await race(pair, (await pair.invite({ max_uses: 7 })).token, 7);
  },
);

onEachProsody(
  "two domains share a daemon, and a race on one leaves the other's invites alone",
  async (install) => {
    await using pair = await startPair(install, { hosts: ["example.org", "example.net"] });
    const [here, there] = [await pair.invite(), await pair.invite({}, "example.net")];
    await race(pair, here.token, 1);
    assert.equal((await pair.look(there.token, "example.net")).uses, 0);
    await using guest = await pair.guest(there.token, "example.net");
    assert.equal(conditionOf(await guest.register("racer0", "a secret")), undefined);
    assert.equal(await pair.canLogIn("racer0", "a secret", "example.net"), true);
  },
);
