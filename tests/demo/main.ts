/**
 * Couplet's main job from end to end, in a scratch folder: a key, an invite over HTTP, a person who registers with
 * it on a real Prosody, the invite used up, another who registers by a form as browsers have it, a contact that the app gives that person, and what they have stored. On a terminal everything
 * stays up afterwards, to play with.
 */
import xml from "@xmpp/xml";
import { renderUnicodeCompact } from "uqr";
import { type CoupletDaemon, startCouplet } from "../e2e/daemon.ts";
import { type ProsodyServer, startProsody } from "../e2e/prosody_server.ts";
import { openForm } from "../e2e/web_form.ts";
import { conditionOf, connect, type XmppClient } from "../e2e/xmpp_client.ts";
import { bring } from "../setup/install.ts";
import { findProsodies } from "../setup/prosody.ts";

const host = "example.org";
const encoder = new TextEncoder();
const colour = Deno.stdout.isTerminal() && Deno.env.get("NO_COLOR") === undefined;
const styled = (code: number, text: string) => colour ? `\x1b[${code}m${text}\x1b[0m` : text;
const say = (text = "") => void Deno.stdout.writeSync(encoder.encode(text + "\n"));
const step = (text: string) => say(`\n${styled(1, text)}`);
const done = (text: string) => say(`  ${styled(32, "✓")} ${text}`);
const shown = (text: string) => say(`    ${styled(36, text)}`);

/** Stops the demo with a message when something that must hold does not. */
function must(holds: boolean, what: string): void {
  if (holds) return done(what);
  throw new Error(`This should have worked and did not: ${what}`);
}

async function invite(couplet: CoupletDaemon): Promise<{ key: string; page: string; token: string }> {
  step("1. A key for an app");
  shown(`couplet keys create ${host} "My app" --scope invites:create --scope rosters:write`);
  const scopes = ["--scope", "invites:create", "--scope", "rosters:write"];
  const key = (await couplet.cli("keys", "create", host, "My app", ...scopes)).stdout.trim();
  done(`made ${key.split("/")[0]}/cplt_…, shown once and kept as a hash`);

  step("2. The app asks for an invite over HTTP");
  shown(`curl -i -H "Authorization: Bearer $KEY" ${couplet.url}/invites_api`);
  const made = await fetch(`${couplet.url}/invites_api`, { headers: { authorization: `Bearer ${key}` } });
  const page = made.headers.get("location") ?? "";
  must(made.status === 201 && page !== "", `201 Created, on disk: ${page}`);
  const landing = await fetch(page);
  await landing.body?.cancel();
  must(landing.status === 200, "the page behind the link says how to join, with this code for a phone:");
  say(renderUnicodeCompact(page, { border: 2 }).split("\n").map((line) => `    ${line}`).join("\n"));
  return { key, page, token: page.split("/").at(-1) ?? "" };
}

async function register(
  { couplet, prosody, key }: { couplet: CoupletDaemon; prosody: ProsodyServer; key: string },
  token: string,
  page: string,
): Promise<void> {
  step(`3. Somebody registers with it, on a real Prosody ${prosody.version}, over a real XMPP stream`);
  await using ann = await connect(prosody.host, prosody.c2sPort);
  await using eve = await connect(prosody.host, prosody.c2sPort);
  must(
    conditionOf(await ann.preauth(token)) === undefined,
    "Ann's app shows the token, Prosody asks Couplet: good",
  );
  must(
    conditionOf(await eve.preauth(token)) === undefined,
    "Eve has seen the link too, and shows the same token",
  );
  must(conditionOf(await ann.register("ann", "correct horse")) === undefined, `ann@${host} is registered`);
  const refused = conditionOf(await eve.register("eve", "battery staple"));
  must(refused !== undefined, `Eve is refused (${refused}): one invite, one account`);
  must(conditionOf(await ann.login("ann", "correct horse")) === undefined, "Ann signs in");

  step("4. The invite is used up");
  const after = await fetch(page);
  await after.body?.cancel();
  must(after.status === 410, "its page answers 410 Gone and says so");
  await registerOnWeb({ couplet, prosody, key });
  await befriend({ couplet, key }, ann);
}

/** What a browser without JavaScript does: it opens pages, follows a link, and sends a form with its cookie. */
async function registerOnWeb(
  { couplet, prosody, key }: { couplet: CoupletDaemon; prosody: ProsodyServer; key: string },
): Promise<void> {
  step("5. Somebody else has a browser, and no app yet");
  const page = await newInvite(couplet, key);
  const landing = await (await fetch(page)).text();
  const [, link = ""] = /href="([^"]*\/register)"/.exec(landing) ?? [];
  must(link !== "", `Ben opens ${page}, where a button leads to a form`);
  const form = await openForm({ couplet }, link);
  const short = await form.send({ username: "ben", password: "staple" });
  must(short.status === 422, "his first password is too short: the page says so, and the invite stays good");
  const made = await form.send({ username: "ben", password: "staple gun and glue" });
  must(
    made.status === 200 && made.text.includes(`ben@${host}`),
    "the next one will do: “Welcome!”, and what to do next",
  );
  await using ben = await connect(prosody.host, prosody.c2sPort);
  must(conditionOf(await ben.login("ben", "staple gun and glue")) === undefined, "Ben signs in over XMPP");
}

async function newInvite(couplet: CoupletDaemon, key: string): Promise<string> {
  const made = await fetch(`${couplet.url}/invites_api`, { headers: { authorization: `Bearer ${key}` } });
  await made.body?.cancel();
  return made.headers.get("location") ?? "";
}

async function befriend(
  { couplet, key }: { couplet: CoupletDaemon; key: string },
  ann: XmppClient,
): Promise<void> {
  step("6. The app keeps contact lists too");
  must(Object.keys(await ann.roster()).length === 0, "Ann is online and knows nobody yet");
  const body = JSON.stringify({ add: [{ users: ["ann", "ben"], names: ["Ann", "Ben"], groups: ["Choir"] }] });
  shown(`curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\`);
  shown(`  -d '${body}' ${couplet.url}/v1/roster_pairs`);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const paired = await fetch(`${couplet.url}/v1/roster_pairs`, { method: "POST", headers, body });
  await paired.body?.cancel();
  must(paired.status === 200, "Ann and Ben are each other's contacts, both or neither");
  const push = await ann.next((stanza) => stanza.is("iq") && stanza.attrs.type === "set");
  const item = push.getChild("query")?.getChild("item");
  must(item?.attrs.name === "Ben", `Ann's app shows Ben in the group ${item?.getChildText("group")} at once`);
  await fetchData(couplet, ann);
}

async function fetchData(couplet: CoupletDaemon, ann: XmppClient): Promise<void> {
  step("7. What a user has stored is theirs, over HTTP too");
  const note = xml("note", { xmlns: "urn:example:notes" }, "sing at eight");
  await ann.iq("set", undefined, xml("query", { xmlns: "jabber:iq:private" }, note));
  done("Ann's app keeps a note on the server (XEP-0049)");
  const url = `${couplet.url}/data/private`;
  shown(`curl -u "ann@${host}:correct horse" ${url}`);
  const authorization = `Basic ${btoa(`ann@${host}:correct horse`)}`;
  const got = await fetch(url, { headers: { authorization } });
  must(
    (await got.text()).includes("sing at eight"),
    "Ann reads it with her password, which Prosody has checked",
  );
  shown(`curl -u "ann@${host}:correct horse" ${couplet.url}/data/accounts`);
  const refused = await fetch(`${couplet.url}/data/accounts`, { headers: { authorization } });
  await refused.body?.cancel();
  must(refused.status === 403, "403: her password's hash is not for her, nor for whoever has her password");
}

async function nextSteps(
  couplet: CoupletDaemon,
  key: string,
  prosody: ProsodyServer | undefined,
): Promise<void> {
  const page = await newInvite(couplet, key);
  step("What to try next");
  say("  An invite of your own, to open in a browser on this machine:");
  shown(page);
  say("  And in a terminal:");
  shown(`export KEY=${key}`);
  shown(`curl -i -H "Authorization: Bearer $KEY" ${couplet.url}/invites_api`);
  shown(`export COUPLET_DATA_DIR=${couplet.dataDir} COUPLET_HOSTS=${host} COUPLET_PUBLIC_URL=${couplet.url}`);
  shown(`deno task couplet invites list ${host}`);
  shown(`deno task couplet invites create ${host} --contact ann --register`);
  shown(`deno task couplet rosters show ann@${host}`);
  shown(`deno task couplet data get ann@${host} private`);
  if (prosody) {
    say(`  An XMPP client can sign in as ann@${host} at 127.0.0.1:${prosody.c2sPort}, without TLS.`);
  }
  say("  Beside your own Prosody: docs/install.md");
}

say(styled(1, "Couplet: invites, contact lists and users' data for a Prosody server, over HTTP"));
say("This makes a scratch folder, starts the daemon in it, and beside it a Prosody if one can be had.");
await bring(["prosody"], { trixie: false });
const [install] = await findProsodies();
const stay = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
{
  await using couplet = await startCouplet({ hosts: [host], ...(install && { scratch: install.scratch }) });
  await using prosody = install && await startProsody(install, { hosts: [host], socket: couplet.socket });
  await prosody?.logged("Linked to Couplet");
  const { key, page, token } = await invite(couplet);
  if (prosody) await register({ couplet, prosody, key }, token, page);
  else say("\n  No Prosody here and none could be installed: the registration is left out.");
  if (stay) {
    await nextSteps(couplet, key, prosody);
    say("\nAll of it runs until you press Ctrl-C; then the scratch folder is removed.");
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, resolve);
    });
  } else {
    step("Done");
    say("  Run this on a terminal and everything stays up, to play with: the pages in your browser, too.");
    say("  Your own: `deno task start`, then docs/install.md.");
  }
}
Deno.exit(0);
