import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { agree, host, pushOf, startStage } from "./roster_rig.ts";

const marie = `marie@${host}`;

onEachProsody(
  "what the command line makes of a roster reaches clients, now or once the daemon is back",
  async (install) => {
    await using stage = await startStage(install);
    const { couplet, linkedAgain } = stage.pair;
    await stage.accounts("john", "marie");
    const [phone, other] = [await stage.online("john", "phone"), await stage.online("marie", "phone")];
    await stage.heard(phone, other);
    const file = `${couplet.dataDir}/roster.json`;
    const set = async (roster: unknown) => {
      await Deno.writeTextFile(file, JSON.stringify(roster));
      const { code, stderr } = await couplet.cli("rosters", "set", `john@${host}`, file);
      assert.equal(code, 0, stderr);
    };
    const pushed = async () => pushOf(await phone.next((stanza) => pushOf(stanza) !== undefined))?.contact;
    const agreed = async () => {
      await stage.dealtWith();
      await agree(stage, "john", phone, []);
    };

    await set({ [marie]: { name: "Marie" } });
    assert.equal((await pushed())?.name, "Marie");
    assert.deepEqual(await stage.heard(other), [[`available john@${host}/phone`]]);
    await agreed();
    await couplet.stop();
    await set({ [marie]: { name: "M." } });
    await couplet.restart();
    await linkedAgain();
    assert.equal((await pushed())?.name, "M.");
    await agreed();
    await set({});
    assert.equal((await pushed())?.subscription, "remove");
    assert.deepEqual(await stage.heard(other), [[`unavailable john@${host}/phone`]]);
  },
);
