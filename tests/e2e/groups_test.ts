import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";
import { agree, host, sorted, type Stage, startStage } from "./roster_rig.ts";
import { conditionOf, xml, type XmppClient } from "./xmpp_client.ts";

const jid = (user: string) => `${user}@${host}`;

/** A group with these members, who are online or not. */
async function makeGroup(stage: Stage, id: string, name: string, ...members: string[]): Promise<void> {
  await stage.change("POST", "/groups", { id, name });
  for (const user of members) await stage.change("PUT", `/groups/${id}/members/${user}`);
}

/** As the stage says it, without versions: what is pushed first of several has that from before. */
const heard = async (stage: Stage, ...clients: XmppClient[]) =>
  (await stage.heard(...clients)).map((lines) =>
    lines.map((line) => line.replace(/^push \d+/, "push")).sort()
  );

/** Somebody new, by an invite into groups. */
async function register(stage: Stage, username: string, groups: string[]): Promise<void> {
  const { token } = await stage.pair.invite({ groups });
  await using guest = await stage.pair.guest(token);
  assert.equal(conditionOf(await guest.register(username, "a secret")), undefined);
}

onEachProsody(
  "who registers with an invite into a group is in everybody's roster at once, and everybody in theirs",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("ann", "bob", "off");
    const [ann, bob] = [await stage.online("ann"), await stage.online("bob")];
    await makeGroup(stage, "choir", "Choir", "ann", "bob", "off");
    const annJid = ann.jid!, bobJid = bob.jid!;
    const [first, second] = await heard(stage, ann, bob);
    assert.deepEqual(first, [
      `available ${bobJid}`,
      `push: ${jid("bob")} both Choir`,
      `push: ${jid("off")} both Choir`,
    ]);
    assert.deepEqual(second, [
      `available ${annJid}`,
      `push: ${jid("ann")} both Choir`,
      `push: ${jid("off")} both Choir`,
    ]);
    await register(stage, "cem", ["choir"]);
    for (const lines of await heard(stage, ann, bob)) {
      assert.deepEqual(lines, [`push: ${jid("cem")} both Choir`]);
    }

    // Cem logs in and sees both; both see Cem.
    await using cem = await stage.pair.user("cem");
    assert.deepEqual(Object.keys(await cem.roster()).sort(), [jid("ann"), jid("bob"), jid("off")]);
    await cem.sendPresence();
    assert.deepEqual(await heard(stage, ann, bob), [[`available ${cem.jid}`], [`available ${cem.jid}`]]);
    assert.deepEqual(
      (await heard(stage, cem))[0]!.filter((line) => !line.includes(cem.jid!)),
      [`available ${annJid}`, `available ${bobJid}`, `unavailable ${jid("off")}`],
    );
    // Who was away finds them all at login.
    await using off = await stage.pair.user("off");
    assert.deepEqual(Object.keys(await off.roster()).sort(), [jid("ann"), jid("bob"), jid("cem")]);
    await agree(stage, "off", off, [jid("cem")]);
  },
);

onEachProsody(
  "who leaves a group, or whose account is deleted, is gone from everybody's roster, and presence ends",
  async (install) => {
    await using stage = await startStage(install, { modules: ["user_account_management"] });
    await stage.accounts("ann", "bob", "cem", "off");
    const clients = [await stage.online("ann"), await stage.online("bob"), await stage.online("cem")];
    const [ann, bob, cem] = clients as [XmppClient, XmppClient, XmppClient];
    await makeGroup(stage, "choir", "Choir", "ann", "bob", "cem", "off");
    await makeGroup(stage, "band", "Band", "ann", "bob");
    await heard(stage, ann, bob, cem);
    await stage.change("DELETE", "/groups/choir/members/bob");
    assert.deepEqual(await heard(stage, ann, bob, cem), [
      [`push: ${jid("bob")} both Band`],
      [
        `push: ${jid("ann")} both Band`,
        `push: ${jid("cem")} remove`,
        `push: ${jid("off")} remove`,
        `unavailable ${cem.jid}`,
      ],
      [`push: ${jid("bob")} remove`, `unavailable ${bob.jid}`],
    ]);
    const gone = await cem.iq("set", undefined, xml("query", { xmlns: "jabber:iq:register" }, xml("remove")));
    assert.equal(conditionOf(gone), undefined);
    await eventually(async () => (await stage.kept("ann")).contacts[jid("cem")] === undefined);
    const anns = (await heard(stage, ann))[0]!;
    for (const line of [`push: ${jid("cem")} remove`, `unavailable ${cem.jid}`]) {
      assert.ok(anns.includes(line), anns.join());
    }
    await agree(stage, "ann", ann, [jid("bob"), jid("off")]);
    await using off = await stage.pair.user("off");
    assert.deepEqual(Object.keys(await off.roster()), [jid("ann")]);
    const choir = await stage.change("GET", "/groups/choir") as unknown as { members: number };
    assert.equal(choir.members, 2);
  },
);

onEachProsody(
  "two groups that overlap: a new name, an end, and what a client has done to a contact",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("ann", "bob", "cem");
    const [ann, bob] = [await stage.online("ann"), await stage.online("bob")];
    await makeGroup(stage, "choir", "Choir", "ann", "bob", "cem");
    await makeGroup(stage, "band", "Band", "ann", "bob");
    await heard(stage, ann, bob);
    await stage.change("PATCH", "/groups/choir", { name: "Singers" });
    assert.deepEqual(await heard(stage, ann, bob), [
      [`push: ${jid("bob")} both Band,Singers`, `push: ${jid("cem")} both Singers`],
      [`push: ${jid("ann")} both Band,Singers`, `push: ${jid("cem")} both Singers`],
    ]);
    // Ann has no need of Cem: the group does not insist.
    const item = xml("item", { jid: jid("cem"), subscription: "remove" });
    assert.equal(
      conditionOf(await ann.iq("set", undefined, xml("query", { xmlns: "jabber:iq:roster" }, item))),
      undefined,
    );
    await ann.rest();
    await stage.change("DELETE", "/groups/choir");
    const [anns, bobs] = await heard(stage, ann, bob);
    assert.deepEqual(anns!.filter((line) => line.startsWith("push")), [`push: ${jid("bob")} both Band`]);
    assert.deepEqual(bobs, [`push: ${jid("ann")} both Band`, `push: ${jid("cem")} remove`]);
    assert.deepEqual(sorted((await stage.kept("cem")).contacts), {});
    await agree(stage, "ann", ann, [jid("bob")]);
    await agree(stage, "bob", bob, [jid("ann")]);
  },
);

onEachProsody(
  "a Prosody that keeps its rosters elsewhere gets no groups, and the answer says why",
  async (install) => {
    await using stage = await startStage(install, { storage: { invite_token: "couplet" } });
    await stage.pair.account("ann");
    await stage.change("POST", "/groups", { id: "choir", name: "Choir" });
    const refused = await stage.pair.rosterApi("PUT", "/groups/choir/members/ann");
    assert.equal(refused.status, 409);
    assert.match((await refused.json()).detail, /storage = \{ roster = "couplet" \}/);
  },
);
