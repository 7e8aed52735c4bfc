import assert from "node:assert/strict";
import { Hono } from "hono";
import { Problem } from "../../src/core/problem.ts";
import { systemRandom } from "../../src/core/token.ts";
import type { HttpEnv } from "../../src/http/env.ts";
import { createFormGuard, proofField } from "../../src/http/form_guard.ts";
import { problemResponse } from "../../src/http/problem_response.ts";

function site(publicUrl = "https://chat.example.org") {
  let time = Date.UTC(2026, 0, 1);
  const guard = createFormGuard({
    ...{ secretKey: new Uint8Array(32).fill(7), clock: () => time, random: systemRandom },
    publicUrl: () => publicUrl,
  });
  const app = new Hono<HttpEnv>();
  app.use(async (c, next) => {
    c.set("host", c.req.header("x-host") ?? "example.org");
    await next();
  });
  app.onError((error) => {
    if (error instanceof Problem) return problemResponse(error);
    throw error;
  });
  app.get("/form/:purpose", (c) => c.text(guard.proof(c, c.req.param("purpose"))));
  app.post("/form/:purpose", async (c) => {
    guard.check(c, c.req.param("purpose"), (await c.req.parseBody())[proofField]);
    return c.text("done");
  });
  app.post("/json", (c) => {
    guard.requireOwnSite(c);
    return c.text("done");
  });
  async function open(purpose = "join", headers: Record<string, string> = {}) {
    const response = await app.request(`https://chat.example.org/form/${purpose}`, { headers });
    const set = response.headers.get("set-cookie");
    return { proof: await response.text(), set, cookie: set?.split(";")[0] ?? "" };
  }
  async function send(proof: string | undefined, headers: Record<string, string>, purpose = "join") {
    const body = new URLSearchParams(proof === undefined ? {} : { [proofField]: proof });
    const url = `https://chat.example.org/form/${purpose}`;
    return (await app.request(url, { method: "POST", body, headers })).status;
  }
  return { app, open, send, advance: (by: number) => time += by };
}

Deno.test("a form can be sent by the visitor who opened it, more than once", async () => {
  const { open, send } = site();
  const { proof, cookie, set } = await open();
  assert.match(set ?? "", /^__Host-couplet_form=[\w-]{22}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  assert.equal(await send(proof, { cookie }), 200);
  assert.equal(await send(proof, { cookie }), 200);
  const again = await open("join", { cookie });
  assert.equal(again.set, null, "a visitor keeps the cookie, so that two tabs can be open");
  assert.equal(await send(again.proof, { cookie }), 200);
});

Deno.test("over plain http the cookie has neither Secure nor the prefix that needs it", async () => {
  const { open, send } = site("http://localhost:5290");
  const { proof, cookie, set } = await open();
  assert.match(set ?? "", /^couplet_form=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.equal(await send(proof, { cookie }), 200);
});

Deno.test("a form is refused without its proof, its cookie, or with those of another visitor, purpose or host", async () => {
  const { open, send } = site();
  const { proof, cookie } = await open();
  const other = await open();
  const secondHost = await open("join", { "x-host": "example.net", cookie });
  for (
    const [name, status] of Object.entries({
      "no proof": await send(undefined, { cookie }),
      "no cookie": await send(proof, {}),
      "another cookie": await send(proof, { cookie: other.cookie }),
      "another proof": await send(other.proof, { cookie }),
      "another purpose": await send(proof, { cookie }, "leave"),
      "another host": await send(secondHost.proof, { cookie }),
      "a proof that was changed": await send(`z${proof}`, { cookie }),
      "no end": await send(proof.slice(proof.indexOf(".")), { cookie }),
      "not a proof": await send("é".repeat(10_000), { cookie }),
      "a cookie of another form": await send(proof, { cookie: "__Host-couplet_form=a" }),
    })
  ) assert.equal(status, 403, name);
});

Deno.test("a form that was open for more than 12 hours is refused", async () => {
  const { open, send, advance } = site();
  const { proof, cookie } = await open();
  advance(12 * 3_600_000 - 1);
  assert.equal(await send(proof, { cookie }), 200);
  advance(1);
  assert.equal(await send(proof, { cookie }), 403);
});

Deno.test("what another site sends is refused, whatever it brings", async () => {
  const { app, open, send } = site();
  const { proof, cookie } = await open();
  const elsewhere: Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "origin": "https://evil.example" },
    { "origin": "https://chat.example.org.evil.example" },
    { "origin": "nonsense" },
    { "origin": "https://chat.example.org", "sec-fetch-site": "cross-site" },
  ];
  for (const headers of elsewhere) {
    assert.equal(await send(proof, { cookie, ...headers }), 403, JSON.stringify(headers));
    assert.equal((await app.request("/json", { method: "POST", headers })).status, 403);
  }
  const here: Record<string, string>[] = [
    { "sec-fetch-site": "same-origin", "origin": "null" }, // what a page without a referrer sends
    { "sec-fetch-site": "none" },
    { "origin": "https://chat.example.org" },
    { "origin": "null" }, // the same from a browser that knows no Sec-Fetch-Site: the proof decides
    {},
  ];
  for (const headers of here) {
    assert.equal(await send(proof, { cookie, ...headers }), 200, JSON.stringify(headers));
    assert.equal((await app.request("/json", { method: "POST", headers })).status, 200);
  }
});
