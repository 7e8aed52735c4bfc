import { operator } from "../../src/core/actor.ts";
import { normaliseLocal } from "../../src/core/jid.ts";
import { Problem } from "../../src/core/problem.ts";
import type { Prosody, RegistrationAnswer, RegistrationRequest } from "../../src/prosody/prosody.ts";
import { createTestApp, type TestApp } from "../harness.ts";

export const me = operator("example.org");
export const password = "correct horse battery";

type Answer = RegistrationAnswer | Problem;

/** An app whose Prosody keeps its accounts in memory, and may be told to answer something else. */
export interface RegistrationRig extends AsyncDisposable {
  readonly app: TestApp;
  /** Passwords by JID. */
  readonly accounts: Map<string, string>;
  /** What Prosody was asked, newest last. */
  readonly asked: RegistrationRequest[];
  /** What it answers, in place of doing it. */
  answer?: Answer | undefined;
  /** How long it thinks; at once, if nothing is said. */
  think?: (() => Promise<void>) | undefined;
  invite(request?: Parameters<TestApp["services"]["invites"]["create"]>[1]): Promise<string>;
  /** Opens a form and sends it. */
  submit(path: string, fields: Record<string, string>, options?: SendOptions): Promise<Page>;
  open(path: string, options?: SendOptions): Promise<Form>;
  post(path: string, json: unknown, options?: SendOptions): Promise<Response>;
}

interface SendOptions {
  readonly from?: string;
  readonly headers?: Record<string, string>;
}

export interface Page {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A form as a browser has it. */
export interface Form extends Page {
  readonly hidden: Record<string, string>;
  readonly cookie: string;
  send(fields: Record<string, string>, options?: SendOptions): Promise<Page>;
}

export async function createRig(options: Parameters<typeof createTestApp>[0] = {}): Promise<RegistrationRig> {
  const accounts = new Map<string, string>();
  const asked: RegistrationRequest[] = [];
  const register: Prosody["register"] = async (host, request) => {
    asked.push(request);
    const { answer, think } = rig as RegistrationRig;
    await think?.();
    if (answer instanceof Problem) throw answer;
    if (answer) return answer;
    const username = normaliseLocal(request.username);
    if (username === undefined) return { is: "bad-username" };
    const jid = `${username}@${host}`;
    const attempt = { host, token: request.token, claim: `${asked.length}` };
    await app.services.redemption.reserve({ ...attempt, username, exists: accounts.has(jid) });
    accounts.set(jid, request.password);
    await app.services.redemption.commit({ ...attempt, jid });
    return { is: "done", jid };
  };
  const app = await createTestApp({ ...options, prosody: { register, ...options.prosody } });

  async function open(path: string, { from, headers = {} }: SendOptions = {}): Promise<Form> {
    const response = await app.fetch(path, { headers, ...(from !== undefined && { from }) });
    const text = await response.text();
    const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    const hidden = Object.fromEntries(
      [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    );
    return {
      ...{ status: response.status, headers: response.headers, text, cookie, hidden },
      async send(fields, more = {}) {
        const answer = await app.fetch(path, {
          method: "POST",
          body: new URLSearchParams({ ...hidden, ...fields }),
          headers: { cookie, ...headers, ...more.headers },
          ...((more.from ?? from) !== undefined && { from: more.from ?? from }),
        });
        return { status: answer.status, text: await answer.text(), headers: answer.headers };
      },
    };
  }

  const rig: RegistrationRig = {
    ...{ app, accounts, asked, open },
    invite: async (request = {}) => (await app.services.invites.create(me, request)).token,
    submit: async (path, fields, options) => await (await open(path, options)).send(fields, options),
    post: (path, json, { from, headers = {} } = {}) =>
      app.fetch(path, { method: "POST", json, headers, ...(from !== undefined && { from }) }),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
  return rig;
}
