import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { takeLink } from "./peer.ts";
import { described, host, setItem, sorted, startStage } from "./roster_rig.ts";
import { conditionOf, xml } from "./xmpp_client.ts";

const [john, marie, paul] = [`john@${host}`, `marie@${host}`, `paul@${host}`];
const managed = { toml: `[rosters]\npolicy = "managed"\n` };
const pair = { users: ["john", "marie"] };

onEachProsody("where the API decides a client cannot change its roster, and is told so", async (install) => {
  await using stage = await startStage(install, managed);
  await stage.accounts("john", "marie");
  const [phone, laptop] = [await stage.online("john", "phone"), await stage.online("john", "laptop")];
  await stage.change("POST", "/roster_pairs", { add: [pair] });
  await stage.heard(phone, laptop);
  const before = await stage.kept("john");
  for (const item of [{ name: "M." }, { groups: ["Friends"] }, undefined]) {
    for (const jid of [marie, paul]) {
      const reply = await setItem(phone, jid, item);
      assert.equal(conditionOf(reply), "not-allowed");
      const error = reply.getChild("error");
      assert.equal(error?.attrs.type, "cancel");
      assert.match(error?.getChildText("text") ?? "", /managed elsewhere/);
    }
  }
  assert.deepEqual(await stage.heard(phone, laptop), [[], []]);
  assert.deepEqual(await stage.kept("john"), before);
  assert.deepEqual(sorted(await phone.roster()), sorted(before.contacts));
});

onEachProsody(
  "where the API decides requests of clients are answered and change nothing",
  async (install) => {
    await using stage = await startStage(install, managed);
    await stage.accounts("john", "marie", "paul");
    const [one, other, third] = [
      await stage.online("john", "phone"),
      await stage.online("marie", "phone"),
      await stage.online("paul", "phone"),
    ];
    await stage.change("POST", "/roster_pairs", { add: [pair] });
    await stage.heard(one, other, third);
    const kept = () => Promise.all(["john", "marie", "paul"].map((user) => stage.kept(user)));
    const before = await kept();
    await one.sendPresence({ to: marie, type: "subscribe" }); // as it is already
    assert.deepEqual(await stage.heard(one, other, third), [[`subscribed ${marie}`], [], []]);
    for (
      const [to, types] of [
        [marie, ["unsubscribe", "unsubscribed", "subscribed"]],
        [paul, ["subscribe", "unsubscribe", "unsubscribed", "subscribed"]],
        [`${paul}/phone`, ["subscribe", "subscribed"]],
        ["ann@elsewhere.example", ["subscribe", "subscribed"]],
      ] as const
    ) {
      for (const type of types) {
        await one.sendPresence({ to, type });
        assert.deepEqual(
          await stage.heard(one, other, third),
          [[`error ${to} not-allowed`], [], []],
          `${type} ${to}`,
        );
      }
    }
    assert.deepEqual(await kept(), before);
  },
);

onEachProsody("where the API decides its changes are pushed, and presence follows", async (install) => {
  await using stage = await startStage(install, managed);
  await stage.accounts("john", "marie");
  const [one, other] = [await stage.online("john", "phone"), await stage.online("marie", "phone")];
  await stage.heard(one, other);
  await stage.change("POST", "/roster_pairs", { add: [pair] });
  assert.deepEqual(await stage.heard(one, other), [
    [`available ${marie}/phone`, `push 1: ${marie} both`],
    [`available ${john}/phone`, `push 1: ${john} both`],
  ]);
  await stage.change("PATCH", `/rosters/john/${marie}`, { name: "Marie", groups: ["Friends"] });
  assert.deepEqual(await stage.heard(one, other), [[`push 2: ${marie} both "Marie" Friends`], []]);
  await stage.change("POST", "/roster_pairs", { remove: [pair] });
  assert.deepEqual(await stage.heard(one, other), [
    [`push 3: ${marie} remove`, `unavailable ${marie}/phone`],
    [`push 2: ${john} remove`, `unavailable ${john}/phone`],
  ]);
});

onEachProsody(
  "where the API decides an account made with a contact invite has the inviter",
  async (install) => {
    await using stage = await startStage(install, managed);
    await stage.accounts("john");
    const one = await stage.online("john");
    const { token } = await stage.pair.invite({ contact: "john", register: true });
    await using guest = await stage.pair.guest(token);
    assert.equal(conditionOf(await guest.register("marie", "a secret")), undefined);
    assert.equal(conditionOf(await guest.login("marie", "a secret")), undefined);
    assert.equal((await guest.roster())[john]?.subscription, "both");
    assert.equal((await one.roster())[marie]?.subscription, "both");
    for (const user of ["john", "marie"]) {
      assert.deepEqual(
        Object.values((await stage.kept(user)).contacts).map(({ subscription }) => subscription),
        ["both"],
      );
    }
  },
);

onEachProsody(
  "where the API decides an invite to be a contact is good, and a bad one changes nothing",
  async (install) => {
    await using stage = await startStage(install, managed);
    const { pair } = stage;
    await stage.accounts("john", "marie", "paul");
    const [one, other, third] = [
      await stage.online("john", "phone"),
      await stage.online("marie", "phone"),
      await stage.online("paul", "phone"),
    ];
    const ask = async (client: typeof one, token: string) => {
      const preauth = xml("preauth", { xmlns: "urn:xmpp:pars:0", token });
      await client.sendPresence({ to: john, type: "subscribe" }, preauth);
      return (await client.rest()).map(described);
    };
    const { token } = await pair.invite({ contact: "john" });
    await ask(other, "a-token-that-nobody-made");
    assert.deepEqual((await stage.kept("marie")).contacts, {});
    const heard = await ask(other, token);
    assert.ok(heard.includes(`available ${john}/phone`), String(heard));
    assert.equal((await stage.kept("marie")).contacts[john]?.subscription, "both");
    assert.equal((await stage.kept("john")).contacts[marie]?.subscription, "both");
    assert.equal((await pair.look(token)).state, "used");
    await ask(third, token); // is used up
    assert.deepEqual((await stage.kept("paul")).contacts, {});
    for (const [client, user] of [[one, "john"], [other, "marie"], [third, "paul"]] as const) {
      assert.deepEqual(sorted(await client.roster()), sorted((await stage.kept(user)).contacts));
    }
    assert.ok((await stage.heard(one))[0]!.includes(`available ${marie}/phone`));
  },
);

onEachProsody(
  "where the API decides no client changes anything while Prosody has no link, as when it has just started",
  async (install) => {
    await using stage = await startStage(install, managed);
    const { couplet, prosody } = stage.pair;
    await stage.accounts("john", "marie");
    await stage.change("POST", "/roster_pairs", { add: [pair] });
    await prosody.stop();
    using _other = await takeLink(couplet.socket, host);
    await prosody.restart();
    const before = await stage.kept("john");
    const phone = await stage.online("john", "phone");
    assert.equal(conditionOf(await setItem(phone, marie, undefined)), "not-allowed");
    await phone.sendPresence({ to: paul, type: "subscribe" });
    assert.deepEqual((await phone.rest()).map(conditionOf), ["not-allowed"]);
    assert.deepEqual(await stage.kept("john"), before);
  },
);
