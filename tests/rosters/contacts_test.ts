import assert from "node:assert/strict";
import { createRosterApp } from "./rig.ts";

Deno.test("GET /contacts is what mod_http_roster_admin reads: groups as an object, and only where there are any", async () => {
  await using rig = await createRosterApp();
  const { call } = rig;
  await call("PUT", "/v1/rosters/john", {
    "marie@example.org": { name: "Marie" },
    "michael@example.org": { name: "Michael", groups: ["Work", "Friends"] },
    "nobody@example.org": { subscription: "none", name: "Nobody" },
    "asked@far.example": { name: "Asked" },
    "plain@example.org": { subscription: "from" },
  });
  const answer = await call("GET", "/contacts/john");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.deepEqual(answer.body, {
    "marie@example.org": { name: "Marie" },
    "michael@example.org": { name: "Michael", groups: { Friends: true, Work: true } },
    "plain@example.org": {},
  });
  assert.deepEqual((await call("GET", "/contacts/stranger")).body, {});
});

Deno.test("the stock module's request is answered: credentials of the address as Basic, and a raw username", async () => {
  await using rig = await createRosterApp();
  const { app } = rig;
  await rig.call("PUT", "/v1/rosters/j%C3%B6hn", { "marie@example.org": {} });
  const [id, secret] = (await app.key({ scopes: ["rosters:read"] })).split("/");
  const authorization = `Basic ${btoa(`${id}:${secret}`)}`;
  const accept = "application/json, text/plain, */*";
  for (const name of ["jöhn", "j%C3%B6hn"]) {
    const answer = await app.fetch(`/contacts/${name}`, { headers: { authorization, accept } });
    assert.deepEqual([answer.status, await answer.json()], [200, { "marie@example.org": {} }]);
  }
});
