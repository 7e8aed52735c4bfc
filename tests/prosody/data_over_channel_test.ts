import assert from "node:assert/strict";
import { controlNs, xml } from "../../src/channel/stanza.ts";
import { Problem } from "../../src/core/problem.ts";
import { createDataOverChannel } from "../../src/prosody/data_over_channel.ts";
import type { StoredCall } from "../../src/prosody/stored_data.ts";

type Link = NonNullable<ReturnType<Parameters<typeof createDataOverChannel>[0]["link"]>>;

/** A link whose lines wait until they are answered. */
function rig() {
  const lines: {
    to: string;
    text: string;
    answer: (text: string) => void;
    fail: (error: unknown) => void;
  }[] = [];
  let arrived: (() => void) | undefined;
  const link = {
    request: (type: string, to: string, child: ReturnType<typeof xml>) => {
      assert.deepEqual([type, child.name], ["get", "data"]);
      return new Promise<ReturnType<typeof xml>>((resolve, reject) => {
        lines.push({
          to,
          text: child.getText(),
          answer: (text) => resolve(xml("iq", {}, xml("data", { xmlns: controlNs }, text))),
          fail: reject,
        });
        arrived?.();
      });
    },
  } as unknown as Link;
  const state: { link: Link | undefined } = { link };
  const stored = createDataOverChannel({ link: () => state.link });
  return {
    ...{ lines, state, stored },
    get: (user: string, host = "example.org") => stored.ask(host, { call: "get", user, store: "s" }),
    set: (user: string, value: string) =>
      stored.ask("example.org", { call: "set", user, store: "s", was: "0", value } satisfies StoredCall),
    /** The n-th line, once it has been sent. */
    async line(n: number) {
      while (lines.length <= n) await new Promise<void>((resolve) => arrived = resolve);
      return lines[n]!;
    },
  };
}

const callsIn = (text: string) => text.match(/\bcall=/g)?.length ?? 0;
const unavailable = (error: unknown) => error instanceof Problem && error.code === "store-unavailable";

Deno.test("calls of one turn go in one line, thirty-two of them, and what comes meanwhile in the next", async () => {
  const { get, line, lines } = rig();
  const asked = Array.from({ length: 40 }, (_, i) => get(`u${i}`));
  const first = await line(0);
  assert.equal(callsIn(first.text), 32);
  assert.match(first.text, /^return \{\{call="get",user="u0",store="s"\},/);
  const late = get("late");
  assert.equal(lines.length, 1, "one line at a time");
  first.answer(Array.from({ length: 32 }, (_, i) => `value {n=${i}}`).join("\t"));
  const second = await line(1);
  assert.equal(callsIn(second.text), 9);
  second.answer(Array.from({ length: 9 }, () => "nothing").join("\t"));
  const answers = await Promise.all(asked);
  assert.deepEqual(answers[31], { is: "value", text: "{n=31}" });
  assert.deepEqual(answers[32], { is: "nothing", text: "" });
  assert.deepEqual(await late, { is: "nothing", text: "" });
  assert.equal(lines.length, 2);
});

Deno.test("equal questions that wait are one, but none joins one that was sent, and no change another", async () => {
  const { get, set, line } = rig();
  const asked = [get("ann"), get("ann"), get("bob"), set("ann", "{1}"), set("ann", "{1}"), get("ann")];
  const first = await line(0);
  assert.equal(callsIn(first.text), 4);
  const later = get("ann");
  first.answer("value {1}\tnothing\tdone h\tchanged");
  const second = await line(1);
  assert.equal(callsIn(second.text), 1);
  second.answer("value {2}");
  assert.deepEqual((await Promise.all(asked)).map(({ is }) => is), [
    ...["value", "value", "nothing", "done", "changed", "value"],
  ]);
  assert.deepEqual(await later, { is: "value", text: "{2}" }, "what was sent may be older than the question");
});

Deno.test("a large change goes with little else, however many wait", async () => {
  const { set, line } = rig();
  const large = `{"${"x".repeat(150_000)}"}`;
  const asked = [set("a", large), set("b", large), set("c", `{"${"y".repeat(600_000)}"}`), set("d", "{1}")];
  for (const [i, calls] of [1, 1, 1, 1].entries()) {
    const one = await line(i);
    assert.equal(callsIn(one.text), calls);
    one.answer(Array.from({ length: calls }, () => "done h").join("\t"));
  }
  assert.ok((await Promise.all(asked)).every(({ is }) => is === "done"));
});

Deno.test("what there was no room for is asked again first, and joins nothing", async () => {
  const { get, set, line } = rig();
  const asked = [get("a"), set("b", "{1}"), get("c")];
  const first = await line(0);
  const behind = [set("b", "{1}"), get("d")];
  first.answer("value {1}\tlater\tlater");
  const second = await line(1);
  assert.match(
    second.text,
    /^return \{\{call="set",user="b".*call="get",user="c".*call="set",user="b".*user="d"/,
  );
  second.answer("done h\tvalue {3}\tchanged\tnothing");
  assert.deepEqual((await Promise.all([...asked, ...behind])).map(({ is }) => is), [
    ...["value", "done", "value", "changed", "nothing"],
  ]);
});

Deno.test("an answer that cannot be read fails all of its line, and nothing of it is asked for ever", async () => {
  for (
    const text of [
      "",
      "value",
      "nothing\tnothing\tnothing",
      "odd\tnothing",
      "nothing\tOops",
      "later\tlater",
      "later\tnothing",
    ]
  ) {
    const { get, line, lines } = rig();
    const asked = [get("a"), get("b")];
    const failed = Promise.all(asked.map((one) => assert.rejects(one, unavailable, text)));
    (await line(0)).answer(text);
    await failed;
    const next = get("c");
    (await line(1)).answer("nothing");
    assert.deepEqual([(await next).is, lines.length], ["nothing", 2], text);
  }
  const { get, line } = rig();
  const asked = get("a");
  (await line(0)).fail(new Problem("not-implemented", "An old module."));
  await assert.rejects(asked, /An old module/);
});

Deno.test("a link that is lost, mute or not there fails what waits, at once, and says what that means", async () => {
  const { get, set, line, lines, state } = rig();
  const asked = [get("a"), set("b", "{1}")];
  const first = await line(0);
  const behind = [...Array.from({ length: 100 }, (_, i) => get(`late${i}`)), set("c", "{1}")];
  const all = [...asked, ...behind].map((one, i) =>
    assert.rejects(one, (error) => {
      assert.ok(unavailable(error));
      assert.equal(
        /may have been made or not/.test(String(error)),
        i === 1,
        `${i}: only a change that was sent`,
      );
      return true;
    })
  );
  first.fail(new Problem("store-unavailable", "Prosody hung up before it answered."));
  await Promise.all(all);
  assert.equal(lines.length, 1, "nobody behind it waits as long again");
  const next = get("a");
  (await line(1)).answer("value {1}");
  assert.equal((await next).is, "value");
  state.link = undefined;
  const away = { code: "store-unavailable", message: "Prosody is not there. Try again in a few seconds." };
  await assert.rejects(get("a"), away);
  await assert.rejects(set("a", "{1}"), away);
});

Deno.test("no more than a thousand calls wait, and one host's wait for no other's", async () => {
  const { get, line, stored, lines } = rig();
  const asked = Array.from({ length: 1_000 }, (_, i) => get(`u${i}`));
  const other = stored.ask("example.net", { call: "nothing" });
  await assert.rejects(
    get("one more"),
    (error) => unavailable(error) && /too much to do/.test(String(error)),
  );
  const joined = get("u5");
  await line(1);
  assert.deepEqual(lines.map(({ to }) => to).sort(), ["example.net", "example.org"], "both are on their way");
  for (let i = 0; i < 33; i++) {
    const { text, answer } = await line(i);
    answer(Array.from({ length: callsIn(text) }, () => "nothing").join("\t"));
  }
  assert.ok((await Promise.all([...asked, joined, other])).every(({ is }) => is === "nothing"));
  assert.equal(lines.length, 33);
});

Deno.test("what is asked is text and nothing more, whatever it holds", async () => {
  const { stored, line } = rig();
  const odd = 'a"}} os.exit() --\n\\"\u0000]]';
  const asked = stored.ask("example.org", {
    ...{ call: "check", user: odd, password: odd, proof: "p", login: { user: odd, proof: odd } },
  });
  const { text, answer } = await line(0);
  assert.ok(!text.includes("\n") && !text.includes("\0"));
  assert.ok(text.includes('user="a\\034}} os.exit() --\\010\\092\\034\\000]]"'), text);
  answer("stranger");
  assert.equal((await asked).is, "stranger");
});
