import assert from "node:assert/strict";
import { controlNs, type Element, xml } from "../../src/channel/stanza.ts";
import { conditionOf, createTestApp, type TestApp } from "../harness.ts";
import { operator } from "../../src/core/actor.ts";

const host = "example.org";
const contact = "urn:xmpp:invite#invite";
const account = "urn:xmpp:invite#create-account";
const reset = "urn:couplet:invite#password-reset";
const open = "invites = { allow_user_invites = true }";

interface Step {
  node: string;
  from?: string;
  admin?: boolean;
  action?: string;
  session?: string | undefined;
  lang?: string;
  /** With these fields, or of another type than submit. */
  form?: Record<string, string | string[]>;
  type?: string;
}

/** One step, as mod_couplet hands it on. */
async function step(app: TestApp, { from = "ann@example.org/phone", admin, form, type, ...attrs }: Step) {
  const command = xml("command", { xmlns: controlNs, from, ...attrs, ...(admin && { admin: "true" }) });
  if (form || type) {
    const fields = Object.entries(form ?? {}).map(([name, values]) =>
      xml("field", { var: name }, ...[values].flat().map((value) => xml("value", {}, value)))
    );
    command.append(xml("form", { type: type ?? "submit" }, ...fields));
  }
  return await app.iq("set", from.split("/")[0]!.endsWith(`@${host}`) ? from.split("/")[0]! : host, command, {
    role: "link",
    host,
  });
}

/** The answer in short: its status or condition, note, session and fields. */
function told(iq: Element) {
  const answer = iq.getChildElements()[0];
  const fields = answer?.getChild("x", "jabber:x:data")?.getChildren("field") ?? [];
  return {
    status: conditionOf(iq) ?? answer?.attrs.status ?? answer?.getChildElements().at(-1)?.name,
    session: answer?.attrs.sessionid as string | undefined,
    note: answer?.getChildText("note") ?? undefined,
    names: fields.map(({ attrs }) => `${attrs.var} ${attrs.type}`),
    value: (name: string) => fields.find(({ attrs }) => attrs.var === name)?.getChildText("value"),
    label: (name: string) => fields.find(({ attrs }) => attrs.var === name)?.attrs.label,
  };
}
const run = async (app: TestApp, request: Step) => told(await step(app, request));
const made = async (app: TestApp) =>
  (await app.services.invites.list(operator(host), { limit: 100 })).invites;

Deno.test("a contact invite comes at once, with the result form that XEP-0401 asks for", async () => {
  await using app = await createTestApp();
  const answer = await run(app, { node: contact });
  assert.equal(answer.status, "completed");
  assert.equal(answer.value("FORM_TYPE"), "urn:xmpp:invite#invitation");
  assert.match(answer.value("uri") ?? "", /^xmpp:ann@example\.org\?roster;preauth=[\w-]+$/);
  assert.match(answer.value("landing-url") ?? "", /\/invite\/[\w-]+$/);
  assert.equal(answer.value("expire"), "2026-01-08T00:00:00Z");
  const [invite] = await made(app);
  assert.deepEqual([invite?.type, invite?.register, invite?.source], ["contact", false, "ann@example.org"]);
});

Deno.test("where users may invite, their contact invites make accounts, and their form asks for no more than they may say", async () => {
  await using app = await createTestApp({ toml: open });
  await run(app, { node: contact });
  assert.equal((await made(app))[0]?.register, true);
  const form = await run(app, { node: account });
  assert.deepEqual([form.status, form.names], ["executing", [
    "FORM_TYPE hidden",
    "username text-single",
    "roster-subscription boolean",
    "ttl text-single",
    "note text-single",
  ]]);
  const { session } = form;
  const fields = { username: "Bob", "roster-subscription": "1" };
  const answer = await run(app, { node: account, session, action: "complete", form: fields });
  assert.equal(answer.status, "completed");
  assert.match(answer.value("uri") ?? "", /^xmpp:bob@example\.org\?register;preauth=/);
  const [invite] = await made(app);
  assert.deepEqual([invite?.type, invite?.jid, invite?.register, invite?.for], [
    "contact",
    "ann@example.org",
    true,
    "bob@example.org",
  ]);
});

Deno.test("an account invite without a name, with one, and without a subscription", async () => {
  await using app = await createTestApp();
  const [admin, form] = [true, { username: "", "roster-subscription": "0" }];
  assert.match(
    (await run(app, { node: account, admin, form })).value("uri") ?? "",
    /^xmpp:example\.org\?register/,
  );
  await run(app, { node: account, admin, form: { ...form, username: "bob" } });
  await run(app, { node: account, admin, form: { "roster-subscription": "true" } });
  assert.deepEqual((await made(app)).map(({ type, jid }) => `${type} ${jid}`), [
    "contact ann@example.org",
    "account bob@example.org",
    "account example.org",
  ]);
});

Deno.test("an admin gives roles, groups, uses and a life without end, and then no expire is told", async () => {
  await using app = await createTestApp();
  await app.groups("choir", "band");
  const form = {
    ...{ roles: ["prosody:admin", ""], groups: ["choir", "band"], "max-uses": "unlimited", ttl: "never" },
    note: "for all",
  };
  const answer = await run(app, { node: account, admin: true, form });
  assert.deepEqual([answer.status, answer.value("expire")], ["completed", undefined]);
  const [invite] = await made(app);
  assert.deepEqual([invite?.roles, invite?.groups, invite?.max_uses, invite?.expires_at, invite?.note], [
    ["prosody:admin"],
    ["choir", "band"],
    null,
    null,
    "for all",
  ]);
});

Deno.test("a user's invite carries no more than the host allows users, whatever the client sends", async () => {
  await using app = await createTestApp({
    toml:
      '[hosts."example.org".invites]\nallow_user_invites = true\nuser_roles = ["guest"]\nuser_uses = 3\n' +
      'user_ttl = "2d"\n[hosts."example.net"]',
  });
  const { names } = await run(app, { node: account });
  assert.ok(names.includes("roles list-multi") && names.includes("max-uses text-single"), names.join());
  assert.ok(!names.some((name) => name.startsWith("groups")), names.join());
  for (
    const form of [
      { roles: ["guest", "prosody:admin"] },
      { groups: ["choir"] },
      { "max-uses": "4" },
      { "max-uses": "unlimited" },
      { ttl: "never" },
      { ttl: "3d" },
    ]
  ) {
    const answer = await run(app, { node: account, form });
    assert.deepEqual(
      [answer.status, answer.note?.slice(0, 7)],
      ["executing", "You may"],
      JSON.stringify(form),
    );
  }
  assert.deepEqual(await made(app), []);
  await run(app, { node: account, form: { roles: ["guest"], "max-uses": "3" } });
  const [invite] = await made(app);
  assert.deepEqual([invite?.roles, (invite?.expires_at ?? 0) - (invite?.created_at ?? 0)], [
    ["guest"],
    2 * 86_400_000,
  ]);
});

Deno.test("who may not run a command makes nothing with it", async () => {
  await using app = await createTestApp({ toml: "invites = { allow_contact_invites = false }" });
  const stranger = "eve@elsewhere.example/x";
  const refused: Step[] = [
    { node: contact },
    { node: account },
    { node: reset, form: { accountjid: "bob@example.org" } },
    { node: account, form: { username: "x" } },
    { node: contact, from: stranger },
    { node: contact, from: stranger, admin: true },
    { node: account, from: stranger },
  ];
  for (const one of refused) assert.equal((await run(app, one)).status, "forbidden", JSON.stringify(one));
  assert.equal((await run(app, { node: "urn:xmpp:invite#else", admin: true })).status, "item-not-found");
  assert.deepEqual(await made(app), []);
  const admin = { from: stranger, admin: true };
  assert.equal((await run(app, { node: account, ...admin, form: {} })).status, "completed");
  const both = await run(app, { node: account, ...admin, form: { "roster-subscription": "1" } });
  assert.match(both.note ?? "", /^Only users of example\.org/);
});

Deno.test("a cancelled command, a step back and an unknown action make no invite", async () => {
  await using app = await createTestApp();
  const at = { node: account, admin: true };
  const { session } = await run(app, at);
  for (const node of [contact, account]) {
    assert.equal((await run(app, { node, admin: true, action: "cancel" })).status, "canceled");
    assert.equal((await run(app, { node, admin: true, action: "complete", form: {} })).status, "bad-action");
  }
  for (const action of ["prev", "next"]) {
    assert.equal((await run(app, { ...at, session, action, form: {} })).status, "bad-action");
  }
  assert.equal((await run(app, { ...at, session, action: "explode" })).status, "malformed-action");
  const empty = await run(app, { ...at, session, action: "complete" });
  assert.deepEqual([empty.status, empty.note], ["executing", "Fill in the form."]);
  assert.equal((await run(app, { ...at, session, type: "cancel" })).status, "canceled");
  assert.equal((await run(app, { ...at, session, form: {} })).status, "session-expired");
  assert.deepEqual(await made(app), []);
});

Deno.test("a session is of one client and one command, ends in ten minutes, and makes one invite", async () => {
  await using app = await createTestApp();
  const at = { node: account, admin: true, form: {} };
  const begin = async () => (await run(app, { node: account, admin: true })).session;
  const session = await begin();
  for (
    const one of [
      { ...at, session: "made-up" },
      { ...at, session: "" },
      { ...at, session, from: "ann@example.org/other" },
      { ...at, session, from: "bob@example.org/phone" },
      { node: reset, admin: true, session, form: { accountjid: "ann@example.org" } },
    ]
  ) assert.equal((await run(app, one)).status, "bad-sessionid", JSON.stringify(one));
  const both = await Promise.all([run(app, { ...at, session }), run(app, { ...at, session })]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ["completed", "session-expired"]);
  assert.equal((await made(app)).length, 1);
  const late = await begin();
  app.advance(600_000);
  assert.equal((await run(app, { ...at, session: late })).status, "session-expired");
  const [oldest, older] = [await begin(), await begin()];
  for (let i = 0; i < 7; i++) await begin();
  assert.equal((await run(app, { ...at, session: oldest })).status, "bad-sessionid", "one too many");
  assert.equal((await run(app, { ...at, session: older })).status, "completed");
});

Deno.test("values that cannot be are told of beside the form, and the next try makes the invite", async () => {
  const userExists = (_: string, name: string) => Promise.resolve(name !== "bob" && name !== "carol");
  await using app = await createTestApp({ prosody: { userExists } });
  const { session } = await run(app, { node: account, admin: true });
  await app.services.invites.create(operator(host), { username: "carol" });
  const cases: [Record<string, string>, RegExp][] = [
    [{ username: "a b" }, /part before the @/],
    [{ username: "bob@example.org" }, /part before the @/],
    [{ username: "taken" }, /is taken/],
    [{ username: "taken", "roster-subscription": "1" }, /is taken/],
    [{ username: "carol" }, /is kept/],
    [{ username: "carol", "roster-subscription": "1" }, /is kept/],
    [{ "roster-subscription": "perhaps" }, /true or false/],
    [{ ttl: "soon" }, /"12h"/],
    [{ "max-uses": "0" }, /above 0/],
    [{ username: "bob", "max-uses": "2" }, /used once/],
    [{ note: "x".repeat(1001) }, /1000 characters/],
  ];
  for (const [form, why] of cases) {
    const answer = await run(app, { node: account, admin: true, session, form });
    assert.deepEqual([answer.status, answer.session], ["executing", session], JSON.stringify(form));
    assert.match(answer.note ?? "", why);
  }
  const answer = await run(app, { node: account, admin: true, session, form: { username: "bob" } });
  assert.equal(answer.status, "completed");
});

Deno.test("a reset is for an account that is there, on this host", async () => {
  const userExists = (_: string, name: string) => Promise.resolve(name === "bob");
  await using app = await createTestApp({ prosody: { userExists } });
  for (const accountjid of ["", "bob", "bob@example.net", "nobody@example.org", "a@b@c"]) {
    const answer = await run(app, { node: reset, admin: true, form: { accountjid } });
    assert.deepEqual([answer.status, answer.note !== undefined], ["executing", true], accountjid);
  }
  const answer = await run(app, { node: reset, admin: true, form: { accountjid: "Bob@example.org" } });
  assert.match(answer.value("uri") ?? "", /^xmpp:bob@example\.org\?register;preauth=/);
  assert.equal((await made(app))[0]?.type, "reset");
});

Deno.test("a form speaks the language of the client, where we have it", async () => {
  await using app = await createTestApp();
  const label = async (lang: string) =>
    (await run(app, { node: account, admin: true, lang })).label("username");
  assert.equal(await label("de-AT"), "Benutzername, falls du ihn vorgibst");
  assert.equal(await label("tlh"), "Username, if you choose it");
  const spoken = (await step(app, { node: contact, lang: "es" })).getChildElements()[0];
  assert.equal(spoken?.attrs["xml:lang"], "es");
  const answer = await run(app, { node: account, admin: true, lang: "fr", form: { username: "a b" } });
  assert.match(answer.note ?? "", /^Cet identifiant/);
});

Deno.test("a command that says too little is refused", async () => {
  await using app = await createTestApp();
  assert.equal(conditionOf(await app.iq("set", host, xml("command", { xmlns: controlNs }))), "bad-request");
  const nobody = await step(app, { node: contact, from: "" });
  assert.equal(conditionOf(nobody), "forbidden");
});

Deno.test("every user's commands are told in the greeting, by what the host allows", async () => {
  await using app = await createTestApp({
    toml: '[hosts."example.org".invites]\nallow_user_invites = true\n[hosts."example.net".invites]\n' +
      "allow_contact_invites = false",
  });
  const { adHoc } = app.services;
  assert.deepEqual([adHoc.open(host), adHoc.open("example.net")], [[contact, account], []]);
});

Deno.test("an admin makes as many invites as it takes, a user as many as the quota has", async () => {
  await using app = await createTestApp({ toml: "[invites]\nuser_quota = 2" });
  const statuses = async (admin: boolean) => {
    const all = [];
    for (let i = 0; i < 4; i++) all.push((await run(app, { node: contact, admin })).status);
    return all;
  };
  assert.deepEqual(await statuses(true), Array(4).fill("completed"));
  const ofUser = await statuses(false);
  assert.deepEqual(ofUser.slice(0, 2), ["completed", "completed"]);
  assert.ok(!ofUser.slice(2).includes("completed"), ofUser.join());
});
