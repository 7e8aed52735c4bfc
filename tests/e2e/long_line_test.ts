import assert from "node:assert/strict";
import { onEachProsody } from "./each_prosody.ts";
import { startProsody } from "./prosody_server.ts";

const hello = "<hello xmlns='urn:couplet:control:1' version='Couplet' rosters='shared'/>\n";

/** A daemon that greets whoever dials and does no more: the link of the first Prosody. */
async function linkOf(listener: Deno.UnixListener): Promise<Deno.UnixConn> {
  for (;;) {
    const conn = await listener.accept();
    const buffer = new Uint8Array(4_096);
    const line = new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    await conn.write(new TextEncoder().encode(hello));
    if (line.includes("link")) return conn;
    conn.close();
  }
}

onEachProsody("a line of a megabyte that comes in small parts is read in no time", async (install) => {
  const dir = await Deno.makeTempDir({ dir: install.scratch, prefix: "couplet-line-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const listener = stack.use(Deno.listen({ transport: "unix", path: `${dir}/s` }));
  await using _prosody = await startProsody(install, { socket: `${dir}/s`, storage: {} });
  const link = stack.use(await linkOf(listener));
  const padding = "x".repeat(1_000_000);
  const bytes = new TextEncoder().encode(
    `<iq type='get' id='long' to='nobody@example.org'><user xmlns='urn:couplet:control:1'>${padding}</user></iq>\n`,
  );
  const start = performance.now();
  for (let at = 0; at < bytes.length; at += 4_096) {
    for (let sent = at; sent < Math.min(bytes.length, at + 4_096);) {
      sent += await link.write(bytes.subarray(sent, Math.min(bytes.length, at + 4_096)));
    }
  }
  let answer = "";
  const buffer = new Uint8Array(4_096);
  while (!answer.includes("id='long'") && !answer.includes('id="long"')) {
    const count = await link.read(buffer);
    assert.ok(count !== null, "Prosody hung up");
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
  assert.match(answer, /exists=['"]false['"]/);
  assert.ok(performance.now() - start < 3_000, `${performance.now() - start} ms`);
});
