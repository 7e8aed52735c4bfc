import assert from "node:assert/strict";
import { type Pair, startPair } from "../e2e/pair.ts";
import { findProsodies } from "../setup/prosody.ts";
import { hasBrowser, scanCode, startBrowser, type TestBrowser, type View } from "./browser.ts";
import { startWalk, type Walk } from "./walk.ts";

interface Story extends View {
  readonly kind: "account" | "kept" | "contact" | "reset";
  /** Where the first address is from; `link` is what somebody has sent. */
  readonly from?: "link" | "sheet" | "another screen" | "join";
  /** The app that is chosen on the way. */
  readonly app?: string;
  readonly keyboard?: true;
  /** All that can go wrong goes wrong first. */
  readonly mistakes?: true;
  /** The language that is changed to in the middle. */
  readonly then?: string;
}

const phone = { device: "phone", dark: false } as const;
const desktop = { device: "desktop", dark: false } as const;
const stories: readonly Story[] = [
  { ...phone, language: "de", scripts: true, kind: "account", app: "Conversations", mistakes: true },
  { ...desktop, language: "es", scripts: true, kind: "account", keyboard: true, mistakes: true, dark: true },
  { ...phone, language: "fr", scripts: false, kind: "account", from: "sheet", then: "en" },
  { ...desktop, language: "fr", scripts: false, kind: "kept", app: "Gajim", mistakes: true },
  { ...phone, language: "es", scripts: true, kind: "kept", from: "join", dark: true },
  { ...phone, language: "en", scripts: false, kind: "contact", mistakes: true, dark: true },
  { ...desktop, language: "de", scripts: true, kind: "contact", from: "another screen", then: "fr" },
  { ...desktop, language: "en", scripts: true, kind: "reset", mistakes: true },
  { ...phone, language: "de", scripts: false, kind: "reset" },
];

const host = "example.org";
const password = "correct horse battery";

/** What there is for everybody's story. */
interface Stage {
  readonly pair: Pair;
  readonly browser: TestBrowser;
  /** One request of the admin's. */
  admin(method: string, path: string, body?: unknown): Promise<Response>;
}

async function adminOf({ couplet }: Pair): Promise<Stage["admin"]> {
  const scopes = ["invites:create", "invites:read", "requests:read", "requests:decide"];
  const args = scopes.flatMap((scope) => ["--scope", scope]);
  const { stdout } = await couplet.cli("keys", "create", host, ...args);
  const headers = { authorization: `Bearer ${stdout.trim()}`, "content-type": "application/json" };
  return async (method, path, body) => {
    const response = await fetch(couplet.url + path, {
      ...{ method, headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    assert.ok(response.ok, `${path} ${await response.clone().text()}`);
    return response;
  };
}

/** What a camera sees on a printed sheet, or on the page that somebody else has open. */
async function scanFirst(
  { browser, pair, admin }: Stage,
  from: Story["from"],
  invite: object,
): Promise<string> {
  await using other = await browser.visitor({ device: "desktop" });
  if (from === "sheet") {
    const made = await admin("POST", "/v1/invites/bulk", { count: 3, ...invite });
    await made.body?.cancel();
    const sheet = await admin("GET", `${made.headers.get("location")}/sheet`);
    await other.page.setContent(await sheet.text());
    await other.page.emulateMedia({ media: "print" });
  } else {
    await other.page.goto((await pair.invite(invite)).landing_page);
  }
  return await scanCode(other.page.locator("main svg").last()) ?? assert.fail("no code is seen");
}

/** Asks to join, and waits for an admin's answer. */
async function askToJoin({ pair, admin }: Stage, walk: Walk, username: string): Promise<void> {
  const { joining: words } = walk.words;
  await walk.open(`${pair.couplet.url}/join`);
  await walk.fill(words.name, "Ann");
  await walk.fill(words.username, username);
  await walk.press(words.submit);
  assert.equal(await walk.heading(), words.states.waiting.title);
  const { requests } = await (await admin("GET", "/v1/join_requests?state=waiting")).json();
  assert.equal(requests.length, 1);
  await (await admin("POST", `/v1/join_requests/${requests[0].id}/approve`, {})).body?.cancel();
  await walk.open(walk.page.url());
}

/** What goes wrong before it goes well; the invite is as good as before. */
async function stumble(walk: Walk, { kind, scripts }: Story): Promise<void> {
  const { registration: words } = walk.words;
  const isReset = kind === "reset";
  const [label, submit] = isReset ? [words.newPassword, words.resetSubmit] : [words.password, words.submit];
  const type = async (text: string) => {
    await walk.fill(label, text);
    if (!scripts) await walk.fill(words.repeat, text);
  };
  if (scripts) {
    const [box, field] = [words.show, label].map((name) => walk.page.getByLabel(name, { exact: true }));
    await box?.check();
    assert.equal(await field?.getAttribute("type"), "text", "what is typed can be read");
  } else assert.equal(await walk.page.getByText(words.show).isVisible(), false);
  const mistakes = () => walk.page.getByRole("alert").getByRole("link").allInnerTexts();
  await walk.pressInVain(submit);
  if (kind === "account" || kind === "contact") await walk.fill(words.username, "marie");
  await type("short");
  await walk.press(submit);
  assert.deepEqual(await mistakes(), [words.mistakes.password["too-short"](10)]);
  if (!scripts) {
    await walk.fill(label, password);
    await walk.fill(words.repeat, `${password}!`);
    await walk.press(submit);
    assert.deepEqual(await mistakes(), [words.mistakes.repeat]);
  }
  if (kind === "kept" || isReset) return;
  await type(password);
  await walk.press(submit);
  assert.deepEqual(await mistakes(), [words.mistakes.username.taken]);
}

/** From the first page to the last, and what is then true on the server. */
async function tell(stage: Stage, story: Story, username: string, pictures?: string): Promise<void> {
  const { pair, browser } = stage;
  const { kind, from = "link", app, keyboard = false } = story;
  const isReset = kind === "reset";
  if (isReset) await pair.account(username);
  const session = isReset ? await pair.user(username) : undefined;
  const invite = {
    ...{ account: {}, kept: { username }, reset: { reset: username } },
    contact: { contact: "marie", register: true },
  }[kind];
  await using walk = await startWalk({ ...{ browser, keyboard, pictures }, view: story });
  if (from === "join") await askToJoin(stage, walk, username);
  else {
    await walk.open(
      from === "link" ? (await pair.invite(invite)).landing_page : await scanFirst(stage, from, invite),
    );
  }
  const first = walk.page.url();
  if (app !== undefined) {
    await walk.follow(new RegExp(`^${app}( \\*)?$`));
    assert.equal(await walk.heading(), walk.words.landing.setUpTitle(app));
  }
  const { landing } = walk.words;
  const onWeb = app === "Conversations" ? landing.orWeb : isReset ? landing.webReset : landing.webAccount;
  await walk.follow(onWeb);
  if (story.then !== undefined) await walk.speak(story.then);

  if (story.mistakes) await stumble(walk, story);
  const { registration: words } = walk.words;
  if (kind === "account" || kind === "contact") await walk.fill(words.username, username);
  await walk.fill(isReset ? words.newPassword : words.password, password);
  if (!story.scripts) await walk.fill(words.repeat, password);
  await walk.press(isReset ? words.resetSubmit : words.submit);
  assert.equal(await walk.heading(), isReset ? words.done.resetTitle : words.done.title);
  const jid = `${username}@${host}`;
  assert.ok(await walk.page.getByText(jid, { exact: true }).isVisible());
  const open = app === undefined ? words.done.open : words.done.openApp(app);
  const links = await walk.page.getByRole("link", { name: open, exact: true }).all();
  assert.deepEqual(
    await Promise.all(links.map((link) => link.getAttribute("href"))),
    story.device === "phone" ? [`xmpp:${jid}`] : [], // none of those for Linux takes it
  );
  assert.equal((await walk.page.content()).includes(password), false);

  assert.equal(await pair.canLogIn(username, password), true);
  if (kind === "contact") await requireFriends(pair, username);
  if (session) {
    await assert.rejects(session.next(() => false), /ended the stream|closed/);
    assert.equal(await pair.canLogIn(username), false, "the old password is none any more");
    await session.close();
  }
  await walk.open(first);
  assert.equal(await walk.heading(), walk.words.landing.used);
}

async function requireFriends(pair: Pair, username: string): Promise<void> {
  await using marie = await pair.user("marie");
  await using other = await pair.user(username, password);
  assert.equal((await marie.roster())[`${username}@${host}`]?.subscription, "both");
  assert.equal((await other.roster())[`marie@${host}`]?.subscription, "both");
}

for (const [turn, install] of (await findProsodies()).entries()) {
  Deno.test({
    name:
      `whoever has an invite comes to an account, whatever they read, hold and get wrong (Prosody ${install.version})`,
    ignore: !hasBrowser,
    fn: async (t) => {
      await using pair = await startPair(install, { toml: "[campaigns]\njoin_requests = true\n" });
      await pair.account("marie");
      await using browser = await startBrowser();
      const stage = { pair, browser, admin: await adminOf(pair) };
      for (const [i, story] of stories.entries()) {
        const { kind, from, device, language, scripts, keyboard } = story;
        const how = [kind, from, device, language, scripts ? "" : "no scripts", keyboard && "keyboard"];
        const what = `${i + 1} ${how.filter(Boolean).join(" ")}`;
        // What pages look like does not depend on the server behind them.
        await t.step(what, () => tell(stage, story, `user${i}`, turn === 0 ? `story ${what}` : undefined));
      }
    },
  });
}
