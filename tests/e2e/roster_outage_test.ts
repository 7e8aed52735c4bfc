import assert from "node:assert/strict";
import { again } from "./again.ts";
import { onEachProsody } from "./each_prosody.ts";
import { eventually } from "./pair.ts";
import { agree, host, setItem, type Stage, startStage } from "./roster_rig.ts";
import { conditionOf, type XmppClient } from "./xmpp_client.ts";

const quick = { config: "couplet_pause = 1" };
/** Contacts that a client adds to its own roster. */
const edits = (client: XmppClient) =>
  again(async (i) => {
    const jid = `client${i}@${host}`;
    const condition = conditionOf(await setItem(client, jid, { name: `C ${i}`, groups: ["Edited"] }));
    assert.ok(condition === undefined || condition === "internal-server-error", condition);
    return condition === undefined ? jid : undefined;
  });

/** Contacts that come in over HTTP. */
const changes = (stage: Stage, username: string) =>
  again(async (i) => {
    const jid = `http${i}@${host}`;
    try {
      const response = await stage.pair.rosterApi("PUT", `/rosters/${username}/${jid}`, { name: `H ${i}` });
      assert.ok(response.ok, await response.text());
      return jid;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return undefined; // the daemon is down, or died before all of its answer was sent
    }
  });

onEachProsody("crashes of the daemon lose nothing acknowledged, of clients or over HTTP", async (install) => {
  await using stage = await startStage(install, quick);
  const { couplet, linkedAgain } = stage.pair;
  await stage.accounts("john", "marie");
  const [one, other] = [await stage.online("john"), await stage.online("marie")];
  const [johns, maries, http] = [edits(one), edits(other), changes(stage, "john")];
  for (let i = 0; i < 3; i++) {
    const enough = [johns.done.length + 5, maries.done.length + 5, http.done.length + 5];
    await eventually(() => [johns, maries, http].every(({ done }, i) => done.length >= enough[i]!));
    await couplet.kill();
    await couplet.restart();
  }
  await Promise.all([johns.stop(), maries.stop(), http.stop()]);
  await linkedAgain();
  await stage.dealtWith();
  await agree(stage, "john", one, [...johns.done, ...http.done]);
  await agree(stage, "marie", other, maries.done);
});

onEachProsody("a crash of Prosody loses nothing acknowledged", async (install) => {
  await using stage = await startStage(install, quick);
  const { prosody } = stage.pair;
  await stage.accounts("john", "marie");
  const one = await stage.online("john");
  const acknowledged: string[] = [];
  const johns = again(async (i) => {
    const jid = `client${i}@${host}`;
    const reply = await setItem(one, jid, { name: `C ${i}` });
    assert.equal(conditionOf(reply), undefined);
    acknowledged.push(jid);
    return jid;
  });
  const http = changes(stage, "john");
  await eventually(() => acknowledged.length >= 10 && http.done.length >= 10);
  await prosody.kill();
  const during = http.done.length + 5; // the web site goes on without Prosody
  await eventually(() => http.done.length >= during);
  await johns.stop().catch((error) => assert.ok(!(error instanceof assert.AssertionError), error));
  await prosody.restart();
  await http.stop();
  await using back = await stage.pair.user("john");
  await agree(stage, "john", back, [...acknowledged, ...http.done]);
});
