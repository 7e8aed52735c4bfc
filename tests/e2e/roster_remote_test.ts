import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { startTwoServers, there, type TwoServers } from "./remote_rig.ts";
import { host } from "./roster_rig.ts";
import { xml } from "./xmpp_client.ts";

const [john, ann] = [`john@${host}`, `ann@${there}`];
const [phone, home] = [`${john}/phone`, `${ann}/home`];
const path = `/rosters/john/${ann}`;
const managed = { toml: `[rosters]\npolicy = "managed"\n` };

type State = Awaited<ReturnType<TwoServers["between"]>>;

/** John, ours, and Ann, elsewhere: what they say to each other, and what is in both rosters and heard after it. */
async function startTale(two: TwoServers) {
  await two.stage.accounts("john");
  const [near, far] = [await two.ours("john"), await two.theirs("ann")];
  await two.heard(near, far);
  return {
    ...{ near, far },
    johnSays: (type: string) => near.sendPresence({ to: ann, type }),
    annSays: (type: string) => far.sendPresence({ to: john, type }),
    async comesTo(state: State, ...heard: [near: string[], far: string[]]) {
      assert.deepEqual(await two.heard(near, far), heard);
      assert.deepEqual(await two.between("john", far), state);
      const { subscription, ask } = (await near.roster())[ann] ?? {};
      const shown = [subscription, ask].filter((word) => word).join(" "); // not what is granted in advance
      assert.equal(shown, /^\w+( subscribe)?/.exec(state[0] ?? "")?.[0] ?? "", "what the client is shown");
    },
  };
}

onEachProsody("two people on two servers become each other's contacts, and part", async (install) => {
  await using two = await startTwoServers(install);
  const { comesTo, johnSays, annSays } = await startTale(two);
  await johnSays("subscribe");
  await comesTo(
    ["none subscribe", undefined],
    [`push: ${ann} none subscribe`, `unavailable ${ann}`], // that is how Prosody says that it has arrived
    [`subscribe ${john}`],
  );
  await annSays("subscribed");
  await comesTo(
    ["to", "from"],
    [`subscribed ${ann}`, `push: ${ann} to`, `available ${home}`],
    [`push: ${john} from`],
  );
  await annSays("subscribe");
  await comesTo(
    ["to", "from subscribe"],
    [`subscribe ${ann}`],
    [`push: ${john} from subscribe`, `unavailable ${john}`],
  );
  await johnSays("subscribed");
  await comesTo(
    ["both", "both"],
    [`push: ${ann} both`, `available ${home}`],
    [`subscribed ${john}`, `push: ${john} both`, `available ${phone}`],
  );
  await johnSays("unsubscribe");
  await comesTo(["from", "to"], [`push: ${ann} from`], [`unsubscribe ${john}`, `push: ${john} to`]);
  await annSays("unsubscribe");
  await comesTo(["none", "none"], [`unsubscribe ${ann}`, `push: ${ann} none`], [`push: ${john} none`]);
});

onEachProsody("a contact elsewhere that the API declares is asked, agrees, and is left", async (install) => {
  await using two = await startTwoServers(install);
  const { change } = two.stage;
  const { comesTo, johnSays, annSays } = await startTale(two);
  await change("PUT", path, { name: "Ann" });
  await comesTo(
    [`none subscribe approved "Ann"`, undefined],
    [`push: ${ann} none subscribe "Ann"`, `unavailable ${ann}`],
    [`subscribe ${john}`],
  );
  await annSays("subscribed");
  await comesTo(
    [`to approved "Ann"`, "from"],
    [`subscribed ${ann}`, `push: ${ann} to "Ann"`, `available ${home}`],
    [`push: ${john} from`],
  );
  await annSays("subscribe"); // which is granted already
  await comesTo([`both "Ann"`, "both"], [`push: ${ann} both "Ann"`, `available ${home}`], [
    `push: ${john} from subscribe`,
    ...[`subscribed ${john}`, `push: ${john} both`, `available ${phone}`],
  ]);
  // What was granted in advance was granted once.
  await johnSays("unsubscribed");
  await comesTo([`to "Ann"`, "from"], [`push: ${ann} to "Ann"`], [
    ...[`unsubscribed ${john}`, `push: ${john} from`, `unavailable ${phone}`],
  ]);
  await annSays("subscribe");
  await comesTo([`to "Ann"`, "from subscribe"], [`subscribe ${ann}`], [
    ...[`push: ${john} from subscribe`, `unavailable ${john}`],
  ]);
  await change("PUT", path, { name: "Ann" });
  await comesTo([`both "Ann"`, "both"], [`push: ${ann} both "Ann"`], [
    ...[`subscribed ${john}`, `push: ${john} both`, `available ${phone}`],
  ]);
  await change("PUT", path, { name: "Anna" });
  await change("PATCH", path, { groups: ["Friends"] });
  await comesTo(
    [`both "Anna" Friends`, "both"],
    [`push: ${ann} both "Anna"`, `push: ${ann} both "Anna" Friends`],
    [], // names and groups are nobody else's business
  );
  await change("DELETE", path);
  await comesTo([undefined, "none"], [`push: ${ann} remove`], [
    `unavailable ${phone}`,
    ...[`unsubscribe ${john}`, `push: ${john} to`, `unsubscribed ${john}`, `push: ${john} none`],
  ]);
});

onEachProsody("a contact elsewhere agrees with somebody who is away, and is left again", async (install) => {
  await using two = await startTwoServers(install);
  const { change, accounts } = two.stage;
  await accounts("john");
  const far = await two.theirs("ann");
  const says = (type: string) => far.sendPresence({ to: john, type });
  const comesTo = async (state: State, heard: string[]) => {
    assert.deepEqual(await two.heard(far), [heard]);
    assert.deepEqual(await two.between("john", far), state);
  };
  await says("subscribe"); // which waits for its answer
  await comesTo([undefined, "none subscribe"], [`push: ${john} none subscribe`, `unavailable ${john}`]);
  await change("PUT", path, {});
  await comesTo(["from subscribe", "to"], [`subscribed ${john}`, `push: ${john} to`, `subscribe ${john}`]);
  await says("subscribed");
  await comesTo(["both", "both"], [`push: ${john} both`, `unavailable ${john}`]);
  const near = await two.ours("john");
  assert.deepEqual(await two.heard(near, far), [[`available ${home}`], [`available ${phone}`]]);
  await near.close();
  await comesTo(["both", "both"], [`unavailable ${phone}`]);
  await change("DELETE", path);
  await comesTo([undefined, "none"], [
    ...[`unsubscribe ${john}`, `push: ${john} to`, `unsubscribed ${john}`, `push: ${john} none`],
  ]);
});

for (const [policy, options] of [["the people", {}], ["the API", managed]] as const) {
  onEachProsody(
    `where ${policy} may decide a contact whose server is down is asked at the next login`,
    async (install) => {
      await using two = await startTwoServers(install, options);
      const { stage, remote } = two;
      await stage.accounts("john");
      const near = await two.ours("john");
      await (await two.theirs("ann")).close();
      await remote.stop();
      await stage.change("PUT", path, {});
      assert.deepEqual(await two.heard(near), [[
        `push: ${ann} none subscribe`,
        `error ${ann} remote-server-not-found`,
      ]]);
      await remote.restart();
      const far = await two.theirs("ann");
      assert.deepEqual(await two.heard(near, far), [[], []]);
      await near.close();
      const back = await two.ours("john");
      assert.deepEqual(await two.heard(back, far), [
        [`push: ${ann} none subscribe`, `unavailable ${ann}`],
        [`subscribe ${john}`],
      ]);
      await far.sendPresence({ to: john, type: "subscribed" });
      await far.sendPresence({ to: john, type: "subscribe" });
      await two.heard(back, far);
      assert.deepEqual(await two.between("john", far), ["both", "both"]);
    },
  );
}

onEachProsody(
  "where the API decides a stranger elsewhere is declined, a contact may leave",
  async (install) => {
    await using two = await startTwoServers(install, managed);
    const { change } = two.stage;
    const { comesTo, annSays } = await startTale(two);
    const declined = [`push: ${john} none subscribe`, `unsubscribed ${john}`, `push: ${john} none`];
    await annSays("subscribe");
    await comesTo([undefined, "none"], [], declined);
    await change("PUT", path, {});
    await comesTo(
      ["none subscribe approved", "none"],
      [`push: ${ann} none subscribe`, `unavailable ${ann}`],
      [`subscribe ${john}`],
    );
    await annSays("unsubscribed");
    await comesTo(
      ["none approved", "none"],
      [`unsubscribed ${ann}`, `push: ${ann} none`],
      [],
    );
    await annSays("subscribe");
    await comesTo(["from", "to"], [`push: ${ann} from`], [
      ...[`push: ${john} none subscribe`, `subscribed ${john}`, `push: ${john} to`, `available ${phone}`],
    ]);
    await annSays("unsubscribe");
    await comesTo(["none", "none"], [`unsubscribe ${ann}`, `push: ${ann} none`], [`push: ${john} none`]);
    await annSays("subscribe"); // who has left is a stranger until the API says otherwise
    await comesTo(["none", "none"], [], declined);
  },
);

onEachProsody("nobody is declined because the daemon is away", async (install) => {
  await using two = await startTwoServers(install, { ...managed, config: "couplet_pause = 1" });
  const { accounts, change, pair: { couplet, linkedAgain } } = two.stage;
  await accounts("john");
  const far = await two.theirs("ann");
  await change("PUT", path, { subscription: "from" });
  await two.heard(far);
  await couplet.stop();
  // Both in one breath: the second finds what is left in memory of the first.
  const twice = String(xml("presence", { to: john, type: "subscribe" })).repeat(2);
  await far.send(Object.assign(xml("presence"), { toString: () => twice }));
  await far.rest();
  await two.settled();
  assert.equal((await far.roster())[john]?.ask, "subscribe");
  await couplet.restart();
  await linkedAgain();
  await far.close();
  const back = await two.theirs("ann"); // when her server asks again
  await two.heard(back);
  assert.deepEqual(await two.between("john", back), ["from", "to"]);
});

onEachProsody("a handshake outlives a restart of the daemon and a crash of Prosody", async (install) => {
  await using two = await startTwoServers(install, { config: "couplet_pause = 1" });
  const { change, pair: { couplet, prosody, linkedAgain } } = two.stage;
  const { near, far, annSays } = await startTale(two);
  await change("PUT", path, {});
  await two.heard(near, far);
  await couplet.stop();
  await annSays("subscribed"); // which cannot be kept: her server is asked once more
  await far.rest();
  await two.settled();
  await couplet.restart();
  await linkedAgain();
  await near.next((stanza) => stanza.attrs.type === "subscribed");
  assert.deepEqual(await two.between("john", far), ["to approved", "from"]);
  await prosody.kill();
  await change("DELETE", path);
  await couplet.restart();
  await prosody.restart();
  await far.next((stanza) => stanza.attrs.type === "unsubscribe");
  assert.deepEqual(await two.between("john", far), [undefined, "none"]);
});
