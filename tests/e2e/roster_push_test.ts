import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { host, sorted, type Stage, startStage } from "./roster_rig.ts";
import type { XmppClient } from "./xmpp_client.ts";

const [john, marie] = [`john@${host}`, `marie@${host}`];
const pair = { users: ["john", "marie"] };

/** John and Marie with a phone and a laptop each. */
async function twoByTwo(stage: Stage): Promise<[XmppClient, XmppClient, XmppClient, XmppClient]> {
  await stage.accounts("john", "marie");
  const clients = [
    await stage.online("john", "phone"),
    await stage.online("john", "laptop"),
    await stage.online("marie", "phone"),
    await stage.online("marie", "laptop"),
  ] as [XmppClient, XmppClient, XmppClient, XmppClient];
  await stage.heard(...clients);
  return clients;
}

const both = (type: string, user: string) => [`${type} ${user}/laptop`, `${type} ${user}/phone`];
/** The same for each of two resources. */
const twice = (lines: string[]) => [lines, lines];

onEachProsody(
  "a pair that is added and removed is pushed to every client once, and presence goes both ways once",
  async (install) => {
    await using stage = await startStage(install);
    const clients = await twoByTwo(stage);
    await stage.change("POST", "/roster_pairs", {
      add: [{ ...pair, names: ["John", "Marie"], groups: ["Friends"] }],
    });
    assert.deepEqual(await stage.heard(...clients), [
      ...twice([...both("available", marie), `push 1: ${marie} both "Marie" Friends`]),
      ...twice([...both("available", john), `push 1: ${john} both "John" Friends`]),
    ]);
    await stage.change("POST", "/roster_pairs", { add: [pair] }); // is there already
    assert.deepEqual(await stage.heard(...clients), [[], [], [], []]);
    await stage.change("POST", "/roster_pairs", { remove: [pair] });
    assert.deepEqual(await stage.heard(...clients), [
      ...twice([`push 2: ${marie} remove`, ...both("unavailable", marie)]),
      ...twice([`push 2: ${john} remove`, ...both("unavailable", john)]),
    ]);
  },
);

onEachProsody("a name or groups that change are pushed, and nobody's presence is", async (install) => {
  await using stage = await startStage(install);
  const clients = await twoByTwo(stage);
  await stage.change("POST", "/roster_pairs", { add: [pair] });
  await stage.heard(...clients);
  const path = `/rosters/john/${marie}`;
  const steps: [string, unknown, string][] = [
    ["PATCH", { name: "Marie" }, `push 2: ${marie} both "Marie"`],
    ["PATCH", { groups: ["Work", "Friends"] }, `push 3: ${marie} both "Marie" Friends,Work`],
    ["PUT", { groups: ["Work"] }, `push 4: ${marie} both Work`],
    ["PUT", { name: "M.", groups: [] }, `push 5: ${marie} both "M."`],
  ];
  for (const [method, body, push] of steps) {
    await stage.change(method, path, body);
    assert.deepEqual(await stage.heard(...clients), [[push], [push], [], []]);
    await stage.change(method, path, body); // once more changes nothing
    assert.deepEqual(await stage.heard(...clients), [[], [], [], []]);
  }
});

onEachProsody(
  "a client that has not asked for its roster is not told of it, but sees presence",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("john", "marie");
    const phone = await stage.online("john", "phone");
    await using deaf = await stage.pair.user("john", undefined, undefined, "deaf");
    await deaf.sendPresence();
    await using silent = await stage.pair.user("john", undefined, undefined, "silent"); // not even available
    const other = await stage.online("marie", "phone");
    await stage.heard(phone, deaf, silent, other);
    await stage.change("POST", "/roster_pairs", { add: [pair] });
    const available = `available ${marie}/phone`;
    assert.deepEqual(await stage.heard(phone, deaf, silent, other), [
      [available, `push 1: ${marie} both`],
      [available],
      [],
      [`available ${john}/deaf`, `available ${john}/phone`, `push 1: ${john} both`],
    ]);
  },
);

onEachProsody("a change of one side alone sends the presence of that side alone", async (install) => {
  await using stage = await startStage(install);
  const clients = await twoByTwo(stage);
  const path = `/rosters/john/${marie}`;
  const steps: [unknown, string[], string[]][] = [
    [{ subscription: "none" }, [`push 1: ${marie} none`], []],
    [{ subscription: "from" }, [`push 2: ${marie} from`], both("available", john)],
    [{ subscription: "none" }, [`push 3: ${marie} none`], both("unavailable", john)],
    // Marie does not have John as one who may see her: he sees nothing.
    [{ subscription: "to" }, [`push 4: ${marie} to`], []],
    [{ subscription: "both" }, [`push 5: ${marie} both`], both("available", john)],
    [{ subscription: "to" }, [`push 6: ${marie} to`], both("unavailable", john)],
    [{ subscription: "from" }, [`push 7: ${marie} from`], both("available", john)],
  ];
  for (const [body, johns, maries] of steps) {
    await stage.change("PUT", path, body);
    assert.deepEqual(await stage.heard(...clients), [...twice(johns), ...twice(maries)]);
  }
  // Marie allows him to see her; once he wants to, he does.
  await stage.change("PUT", `/rosters/marie/${john}`, { subscription: "from" });
  assert.deepEqual(await stage.heard(...clients), [
    ...twice(both("available", marie)),
    ...twice([`push 1: ${john} from`]),
  ]);
  await stage.change("PUT", path, { subscription: "none" });
  assert.deepEqual(await stage.heard(...clients), [
    ...twice([`push 8: ${marie} none`]),
    ...twice(both("unavailable", john)),
  ]);
  await stage.change("PUT", path, { subscription: "to" });
  assert.deepEqual(await stage.heard(...clients), [
    ...twice([...both("available", marie), `push 9: ${marie} to`]),
    ...twice([]),
  ]);
  await stage.change("DELETE", path);
  assert.deepEqual(await stage.heard(...clients), [
    ...twice([`push 10: ${marie} remove`, ...both("unavailable", marie)]),
    ...twice([]),
  ]);
});

onEachProsody(
  "after a change each sees the other's presence come and go as after a handshake",
  async (install) => {
    await using stage = await startStage(install);
    const clients = await twoByTwo(stage);
    const [phone] = clients;
    await stage.change("POST", "/roster_pairs", { add: [pair] });
    await stage.heard(...clients);
    await phone.sendPresence({ type: "unavailable" });
    await phone.rest();
    const [, , ...maries] = await stage.heard(...clients);
    assert.deepEqual(maries, twice([`unavailable ${john}/phone`]));
    await stage.change("POST", "/roster_pairs", { remove: [pair] });
    await stage.heard(...clients);
    await phone.sendPresence();
    await phone.rest();
    assert.deepEqual((await stage.heard(...clients)).slice(2), twice([]));
  },
);

onEachProsody(
  "many changes in one request are pushed contact by contact, and the roster is the one over HTTP",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("john", "marie");
    const phone = await stage.online("john", "phone");
    const contacts = Object.fromEntries(
      Array.from(
        { length: 20 },
        (_, i) => [`c${i}@${host}`, { name: `C ${i}`, groups: ["All", `G${i % 3}`] }],
      ),
    );
    await stage.change("PUT", "/rosters/john", contacts);
    const [added] = await stage.heard(phone);
    assert.equal(added?.length, 20);
    await stage.change("PATCH", "/rosters/john", {
      [`c1@${host}`]: null,
      [`c2@${host}`]: { name: "Two" },
      [marie]: { name: "Marie" },
      [`c3@${host}`]: { name: "C 3" }, // as it is
    });
    const [changed] = await stage.heard(phone);
    assert.deepEqual(
      changed?.map((line) => line.replace(/^push \d+/, "push")).sort(),
      [
        `push: c1@${host} remove`,
        `push: c2@${host} both "Two" All,G2`,
        `push: ${marie} both "Marie"`,
      ].sort(),
    );
    const kept = await stage.kept("john");
    const seen = await phone.rosterSince();
    assert.deepEqual(sorted(seen?.contacts ?? {}), sorted(kept.contacts));
    assert.equal(seen?.ver, kept.version);
  },
);

onEachProsody(
  "a version that is current gets an empty answer, and one that is not the whole roster",
  async (install) => {
    await using stage = await startStage(install);
    await stage.accounts("john", "marie");
    const phone = await stage.online("john", "phone");
    assert.ok(phone.features.getChild("ver", "urn:xmpp:features:rosterver"));
    const again = async (ver: string) => {
      await using client = await stage.pair.user("john");
      return await client.rosterSince(ver);
    };
    /** Every version that John's clients were ever given, and the roster that it named. */
    const given = new Map<string, unknown>();
    const check = async () => {
      const [lines] = await stage.heard(phone);
      const now: Awaited<ReturnType<XmppClient["rosterSince"]>> = await phone.rosterSince();
      assert.ok(now);
      for (const ver of lines!.flatMap((line) => /^push (\d+)/.exec(line)?.[1] ?? [])) {
        assert.equal(
          ver,
          now.ver,
        );
      }
      const kept = await stage.kept("john");
      assert.deepEqual(sorted(now.contacts), sorted(kept.contacts));
      for (const [ver, contacts] of given) {
        const isSame: boolean = ver === now.ver;
        assert.deepEqual(await phone.rosterSince(ver), isSame ? undefined : now, `${ver}, online`);
        if (isSame) assert.deepEqual(contacts, now.contacts);
      }
      given.set(now.ver, now.contacts);
      assert.equal(await phone.rosterSince(now.ver), undefined);
      assert.equal(await again(now.ver), undefined);
    };
    await check(); // of a user who never had a contact
    await stage.change("PUT", `/rosters/john/${marie}`, { name: "Marie" });
    await check();
    await stage.change("PATCH", `/rosters/john/${marie}`, { name: "M." });
    await check();
    await stage.change("DELETE", `/rosters/john/${marie}`);
    await check();
    assert.equal(given.size, 4);
    await phone.close();
    for (const [ver, contacts] of [...given].slice(0, -1)) {
      assert.deepEqual(
        (await again(ver))?.contacts,
        given.get([...given.keys()].at(-1)!),
        `${ver}, ${contacts}`,
      );
    }
    assert.equal(await again([...given.keys()].at(-1)!), undefined);
  },
);
