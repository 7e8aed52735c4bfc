import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { host, setItem, sorted, type Stage, startStage } from "./roster_rig.ts";
import { conditionOf, xml } from "./xmpp_client.ts";

const [john, marie] = [`john@${host}`, `marie@${host}`];
const friends = { users: ["john", "marie"] };

/** What a login shows is what HTTP has. */
async function loginShows(stage: Stage, username: string, contacts: Record<string, string>): Promise<void> {
  await using client = await stage.pair.user(username);
  const seen = await client.rosterSince();
  const names = Object.entries(seen?.contacts ?? {}).map(([jid, { name, subscription }]) =>
    [jid, `${name ?? ""} ${subscription}`.trim()] as const
  );
  assert.deepEqual(Object.fromEntries(names), contacts);
  const kept = await stage.kept(username);
  assert.deepEqual(sorted(seen?.contacts ?? {}), sorted(kept.contacts));
  assert.equal(seen?.ver, kept.version);
}

onEachProsody("what is changed for somebody who is away is there on coming back", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john", "marie");
  await stage.change("PUT", `/rosters/john/${marie}`, { name: "Marie" });
  await loginShows(stage, "john", { [marie]: "Marie both" }); // who has never been here before
  for (const name of ["M.", "Mary"]) {
    await stage.change("PATCH", `/rosters/john/${marie}`, { name });
    await stage.dealtWith();
    await loginShows(stage, "john", { [marie]: `${name} both` });
  }
  await stage.change("DELETE", `/rosters/john/${marie}`);
  await stage.dealtWith();
  await loginShows(stage, "john", {});
});

onEachProsody("a roster that Prosody has read for others does not outlive its change", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john", "marie", "paul");
  const other = await stage.online("marie", "phone");
  const asks = async () => { // for which John's roster is read, and kept in Prosody's memory
    await other.sendPresence({ to: john, type: "subscribe" });
    await other.rest();
  };
  await asks();
  await stage.change("PUT", `/rosters/john/paul@${host}`, { name: "Paul" });
  await stage.dealtWith();
  await loginShows(stage, "john", { [`paul@${host}`]: "Paul both" });
  await asks();
  await stage.change("PATCH", `/rosters/john/paul@${host}`, { name: "P." });
  await stage.dealtWith();
  await asks();
  await loginShows(stage, "john", { [`paul@${host}`]: "P. both" });
  // What Prosody then does for others is done with the roster as it is now.
  await stage.change("PUT", `/rosters/john/${marie}`, { subscription: "from" });
  await stage.heard(other);
  await other.sendPresence({ to: john, type: "subscribe" });
  assert.deepEqual((await stage.heard(other))[0]!.at(-1), `unavailable ${john}`);
  await loginShows(stage, "john", { [`paul@${host}`]: "P. both", [marie]: "from" });
});

onEachProsody("who comes back is seen by new contacts, and no longer by lost ones", async (install) => {
  await using stage = await startStage(install);
  await stage.accounts("john", "marie", "paul");
  const [phone, other] = [await stage.online("marie", "phone"), await stage.online("paul", "phone")];
  await stage.change("POST", "/roster_pairs", { add: [friends, { users: ["john", "paul"] }] });
  await stage.change("POST", "/roster_pairs", { remove: [{ users: ["john", "paul"] }] });
  await stage.heard(phone, other);
  const laptop = await stage.online("john", "laptop");
  assert.deepEqual(await stage.heard(phone, other), [[`available ${john}/laptop`], []]);
  await laptop.close();
  assert.deepEqual(await stage.heard(phone, other), [[`unavailable ${john}/laptop`], []]);
});

onEachProsody(
  "an account that is deleted takes its roster along, and whoever gets its name has none",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("john", "marie", "paul");
    await stage.change("POST", "/roster_pairs", { add: [friends] });
    await loginShows(stage, "john", { [marie]: "both" });
    const phone = await stage.online("marie", "phone");
    const stranger = await stage.online("paul");
    await stranger.sendPresence({ to: john, type: "subscribe" }); // for which Prosody reads John's roster
    await stranger.rest();
    const deleted = await stage.pair.prosody.ctl("deluser", john);
    assert.equal(deleted.code, 0, deleted.stdout + deleted.stderr);
    assert.equal((await stage.pair.rosterApi("GET", "/rosters/john")).status, 404);
    const told = (await stage.heard(phone))[0]!.map((line) => line.split(" ")[0]);
    // COMPAT(prosody 0.12): a process of its own deletes there, and the contacts are not told.
    assert.deepEqual(told, install.series === "0.12" ? [] : ["push", "push", "unsubscribe", "unsubscribed"]);
    await stage.accounts("john");
    assert.deepEqual((await stage.kept("john")).contacts, {});
    await using again = await stage.pair.user("john");
    assert.deepEqual(await again.roster(), {});
  },
);

onEachProsody(
  "who deletes their account in-band takes the roster along, and contacts are told",
  async (install) => {
    await using stage = await startStage(install, { modules: ["user_account_management"] });
    await stage.accounts("john", "marie");
    const [phone, other] = [await stage.online("john", "phone"), await stage.online("marie", "phone")];
    await stage.change("POST", "/roster_pairs", { add: [friends] });
    await stage.heard(phone, other);
    const removed = await phone.iq(
      "set",
      undefined,
      xml("query", { xmlns: "jabber:iq:register" }, xml("remove")),
    );
    assert.equal(conditionOf(removed), undefined);
    const told = (await stage.heard(other))[0]!.map((line) => line.replace(/^push \d+/, "push"));
    for (const line of [`push: ${john} none`, `unsubscribe ${john}`, `unsubscribed ${john}`]) {
      assert.ok(told.some((other) => other.startsWith(line)), `${line} in ${told}`);
    }
    assert.equal((await stage.pair.rosterApi("GET", "/rosters/john")).status, 404);
    assert.equal((await stage.kept("marie")).contacts[john]?.subscription, "none");
    await stage.accounts("john");
    await using again = await stage.pair.user("john");
    assert.deepEqual(await again.roster(), {});
    assert.equal(conditionOf(await setItem(again, marie, {})), undefined);
  },
);

onEachProsody(
  "an account that is deleted while the daemon is away loses its roster afterwards",
  async (install) => {
    await using stage = await startStage(install, { modules: ["user_account_management"] });
    const { couplet, linkedAgain, rosterApi } = stage.pair;
    await stage.accounts("john", "marie");
    await stage.change("POST", "/roster_pairs", { add: [friends] });
    const phone = await stage.online("john", "phone");
    await couplet.stop();
    await phone.iq("set", undefined, xml("query", { xmlns: "jabber:iq:register" }, xml("remove")));
    await couplet.restart();
    await linkedAgain();
    await stage.dealtWith();
    assert.equal((await rosterApi("GET", "/rosters/john")).status, 404);
    await stage.accounts("john");
    await using again = await stage.pair.user("john");
    assert.deepEqual(await again.roster(), {});
  },
);

onEachProsody(
  "prosodyctl may delete an account while the daemon is away: whoever gets its name has no roster",
  async (install) => {
    await using stage = await startStage(install);
    const { pair } = stage;
    const { couplet, prosody, linkedAgain } = pair;
    await stage.accounts("john", "marie", "paul");
    await stage.change("POST", "/roster_pairs", { add: [friends, { users: ["paul", "marie"] }] });
    for (const [username, isRestarted] of [["john", false], ["paul", true]] as const) {
      const contacts = await stage.kept(username);
      assert.deepEqual(Object.keys(contacts.contacts), [marie]);
      await couplet.stop();
      const deleted = await prosody.ctl("deluser", `${username}@${host}`);
      assert.equal(deleted.code, 0, deleted.stdout + deleted.stderr);
      if (isRestarted) await prosody.restart();
      await pair.account(username);
      await couplet.restart();
      await linkedAgain();
      await loginShows(stage, username, {});
      await using client = await pair.user(username);
      assert.equal(conditionOf(await setItem(client, marie, { name: "Mine" })), undefined);
      await couplet.restart(); // after which nobody is purged again
      await linkedAgain();
      await loginShows(stage, username, { [marie]: "Mine none" });
    }
  },
);

onEachProsody("who registers gets nothing that an earlier account of that name has left", async (install) => {
  await using stage = await startStage(install);
  const { pair } = stage;
  await stage.accounts("john", "marie", "paul");
  await stage.change("PUT", "/rosters/john", { [`paul@${host}`]: { name: "Paul" } });
  const invited = await pair.invite({ contact: "john" });
  const stranger = await stage.online("paul");
  await stranger.sendPresence({ to: john, type: "subscribe" }); // for which Prosody reads John's roster
  await stranger.rest();
  await Deno.remove(`${pair.prosody.dataDir}/example%2eorg/accounts/john.dat`); // nobody is told
  const { token } = await pair.invite({ contact: "marie", register: true });
  await using guest = await pair.guest(token);
  assert.equal(conditionOf(await guest.register("john", "a secret")), undefined);
  await loginShows(stage, "john", { [marie]: "both" });
  assert.equal((await pair.look(invited.token)).state, "revoked");
});
