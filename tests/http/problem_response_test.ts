import assert from "node:assert/strict";
import { errorElement } from "../../src/channel/stanza.ts";
import { Problem } from "../../src/core/problem.ts";
import { problemResponse } from "../../src/http/problem_response.ts";

const tooMany = new Problem("too-many-requests", "Try again in 7 s.", [], { retryAfter: 7 });

Deno.test("a problem that knows when to come back says so, and a 429 that nothing is left until then", async () => {
  const response = problemResponse(tooMany);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "7");
  assert.equal(response.headers.get("ratelimit"), '"default";r=0;t=7');
  assert.deepEqual(await response.json(), {
    type: "urn:couplet:problem:too-many-requests",
    title: "This has been tried too often",
    status: 429,
    detail: "Try again in 7 s.",
  });
  assert.equal(
    problemResponse({ code: "too-many-requests", detail: "" }).headers.get("ratelimit"),
    '"default";r=0',
  );
});

Deno.test("a 503 comes back after 5 s unless it knows better, and others say nothing", () => {
  const after = (problem: Problem) => problemResponse(problem).headers.get("retry-after");
  assert.equal(after(new Problem("store-unavailable", "")), "5");
  assert.equal(after(new Problem("store-unavailable", "", [], { retryAfter: 1 })), "1");
  assert.equal(after(new Problem("invalid", "")), null);
  assert.equal(problemResponse(new Problem("store-unavailable", "")).headers.get("ratelimit"), null);
});

Deno.test("on the control channel, who tried too often is told to wait", () => {
  const error = errorElement(tooMany);
  assert.equal(error.attrs.type, "wait");
  assert.equal(error.getChildElements()[0]?.name, "policy-violation");
});
