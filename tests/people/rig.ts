import assert from "node:assert/strict";
import type { Element } from "../../src/channel/stanza.ts";
import type { Actor } from "../../src/core/actor.ts";
import { operator } from "../../src/core/actor.ts";
import type { InviteRequest } from "../../src/invites/request.ts";
import type { TreePerson } from "../../src/people/tree.ts";
import { conditionOf, control, type TestApp } from "../harness.ts";

export const host = "example.org";
export const me = operator(host);

/** A user of the host, as an ad-hoc command acts for one. */
export const userOf = (name: string): Actor => ({
  ...{ source: `${name}@${host}`, host, limits: {} },
  scopes: ["invites:create"],
});

/** An invite's token, made by this user or, without a name, at the command line. */
export const make = async (app: TestApp, by?: string, request: InviteRequest = {}) =>
  (await app.services.invites.create(by === undefined ? me : userOf(by), request)).token;

/** Claims are any text; no test is to find a name in them. */
const attempt = (token: string, name: string) => ({ token, claim: `claim-${btoa(name)}` });

/** Prosody asks for a use. Answers the condition of a refusal. */
export const reserve = async (app: TestApp, token: string, name: string) =>
  conditionOf(
    await app.iq("set", `${name}@${host}`, control("reserve", { ...attempt(token, name), exists: "false" })),
  );

/** Prosody tells that the account is made. */
export const commit = (app: TestApp, token: string, name: string) =>
  app.iq("set", `${name}@${host}`, control("commit", attempt(token, name)));

/** Somebody registers with an invite. Answers what Prosody is told at the end. */
export async function join(app: TestApp, token: string, name: string): Promise<Element> {
  assert.equal(await reserve(app, token, name), undefined, name);
  const reply = await commit(app, token, name);
  assert.equal(conditionOf(reply), undefined, name);
  return reply;
}

/** Somebody joins whom somebody has invited. */
export const invite = async (app: TestApp, by: string | undefined, name: string) =>
  await join(app, await make(app, by), name);

/** What the inviter is to be told, as `jid: text`. */
export function toldBy(reply: Element): string | undefined {
  const tell = reply.getChild("tell");
  return tell && `${tell.attrs.to}: ${tell.getText()}`;
}

/** The tree as a text: `ann(bob(carol) dave)`. */
export const shape = (people: readonly TreePerson[]): string =>
  people.map((one) =>
    (one.user ?? "-") + (one.people.length > 0 ? `(${shape(one.people)})` : "") + (one.more ? "+" : "")
  ).join(" ");

/** The whole tree. */
export const treeOf = async (app: TestApp, user?: string) =>
  shape((await app.services.people.tree(me, user)).people);
