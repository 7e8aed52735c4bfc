import assert from "node:assert/strict";
import { createHttp } from "../../src/http/server.ts";
import { systemRoutes } from "../../src/http/system_routes.ts";
import type { RosterRefresh } from "../../src/rosters/refresh.ts";
import { refreshRoutes } from "../../src/rosters/refresh_routes.ts";
import { createTestApp } from "../harness.ts";

/** Fails, as what is no username does. */
const isBad = (user: string) => !/^[a-wyz]+[0-9]*$/.test(user);

interface Asked {
  status: number;
  body: unknown;
}

/** The routes over a refresh that fails for names with an x, and what it was asked for. */
async function createRig() {
  const app = await createTestApp();
  const key = await app.key({ scopes: ["rosters:write"] });
  const calls: (readonly string[])[] = [];
  const refresh: RosterRefresh["refresh"] = (host, users) => {
    assert.equal(host, "example.org");
    calls.push(users);
    const failed = users.filter((user) => isBad(user)).map((user) => ({ user, reason: "no answer" }));
    return Promise.resolve({ updated: users.filter((user) => !isBad(user)), failed });
  };
  const http = createHttp({
    hostOf: (authority) => app.services.hosts.byAuthority(authority).domain,
    proxies: [],
    bodies: [["/", 1_000_000]],
    system: systemRoutes(() => Promise.resolve(true)),
  }).route(
    "/",
    refreshRoutes({ refresh }, app.services.keys.authenticate),
  );
  const ask = async (init: RequestInit, path = ""): Promise<Asked> => {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const request = new Request(`http://example.org/roster_admin/refresh${path}`, { ...init, headers });
    const answer = await http.fetch(request);
    return { status: answer.status, body: await answer.json() };
  };
  return {
    ask,
    post: (body: string, headers: Record<string, string> = {}) => ask({ method: "POST", body, headers }),
    calls,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

const message = "roster update complete";

Deno.test("the documented example is answered word for word, whatever its content type", async () => {
  await using rig = await createRig();
  for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
    assert.deepEqual(await rig.post('["john", "aaron"]', { "content-type": type }), {
      status: 200,
      body: { status: "ok", message, updated: 2, errors: 0 },
    });
  }
  assert.deepEqual(await rig.ask({}, "/john"), { status: 200, body: { status: "ok", message } });
  assert.deepEqual(rig.calls, [["john", "aaron"], ["john", "aaron"], ["john", "aaron"], ["john"]]);
});

Deno.test("counts are true: each user once, what is no username fails, and only if all failed it is an error", async () => {
  await using rig = await createRig();
  const some = await rig.post('["John", "john", "x", "a b", "jo@hn", "", "max"]');
  assert.deepEqual(some, { status: 200, body: { status: "ok", message, updated: 1, errors: 5 } });
  assert.deepEqual(rig.calls, [["john", "x", "a b", "jo@hn", "", "max"]]);
  const none = await rig.post('["x", "xx"]');
  assert.deepEqual(none, {
    status: 500,
    body: { status: "error", message: "no roster was updated: x: no answer", updated: 0, errors: 2 },
  });
  const one = await rig.ask({}, "/x");
  assert.deepEqual(one, {
    status: 500,
    body: { status: "error", message: "no roster was updated: x: no answer" },
  });
  assert.equal((await rig.ask({}, "/a%20b")).status, 500);
  assert.deepEqual(await rig.post("[]"), {
    status: 200,
    body: { status: "ok", message, updated: 0, errors: 0 },
  });
});

Deno.test("a missing or malformed body is 400, on which the original fails or hangs", async () => {
  await using rig = await createRig();
  const long = JSON.stringify(Array.from({ length: 10_001 }, (_, i) => `user${i}`));
  const bodies = [
    "",
    "{bad",
    "null",
    "{}",
    '"john"',
    '{"a":"john"}',
    "[1,2]",
    "[null]",
    '["john"',
    "5",
    '["john",[]]',
    long,
  ];
  for (const body of bodies) {
    const answer = await rig.post(body);
    assert.equal(answer.status, 400, body.slice(0, 20));
    const { status, message } = answer.body as Record<string, string>;
    assert.equal(status, "error");
    assert.match(message!, /JSON array of at most 10000 usernames/);
  }
  assert.equal((await rig.ask({ method: "POST" })).status, 400, "no body at all");
  assert.deepEqual(rig.calls, []);
  const most = JSON.stringify(Array.from({ length: 10_000 }, (_, i) => `user${i}`));
  const { body } = await rig.post(most);
  assert.deepEqual(body, { status: "ok", message, updated: 10_000, errors: 0 });
});

Deno.test("over the daemon's own refresh: without a Prosody nothing is updated, and what is no username is an error", async () => {
  const told: string[] = [];
  const pushRoster = (_: string, user: string) => Promise.resolve(user !== "deaf" && told.push(user) > 0);
  const userExists = (_: string, user: string) => Promise.resolve(user !== "ghost");
  for (const prosody of [{}, { pushRoster, userExists }]) {
    await using app = await createTestApp({ prosody });
    const key = await app.key({ scopes: ["rosters:write"] });
    const answer = await app.fetch("/roster_admin/refresh", {
      ...{ method: "POST", key },
      json: ["john", "JOHN", "aaron", "ghost", "deaf", "a b"],
    });
    const { updated, errors } = await answer.json();
    const isThere = "pushRoster" in prosody;
    assert.deepEqual([answer.status, updated, errors], isThere ? [200, 2, 3] : [500, 0, 5]);
  }
  assert.deepEqual(told.sort(), ["aaron", "john"]);
});
