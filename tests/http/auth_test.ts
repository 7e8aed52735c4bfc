import assert from "node:assert/strict";
import { basicKey, bearerToken } from "../../src/http/auth.ts";

Deno.test("Basic credentials are cut at the first colon, whatever the scheme's case, and nonsense is nobody's", () => {
  const basic = (text: string) => `Basic ${btoa(text)}`;
  assert.equal(basicKey(basic("id:secret")), "id/secret");
  assert.equal(basicKey(basic("id:a:b")), "id/a:b");
  assert.equal(basicKey(`bAsIc   ${btoa("id:secret")} `), "id/secret");
  for (
    const header of [undefined, "", "Basic", "Basic ", "Basic !", "Basic a", "Bearer aWQ6", "Basic aWQ6 aWQ6"]
  ) {
    assert.equal(basicKey(header), undefined, header);
  }
  assert.equal(bearerToken(basic("id:secret")), undefined);
});
