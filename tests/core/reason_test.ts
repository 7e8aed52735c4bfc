import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { reasonOf } from "../../src/core/reason.ts";

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

Deno.test("why a file could not be had is said in plain words, without flags, calls and numbers", async () => {
  const [gone, folder, other] = await Promise.all([
    Deno.readTextFile("/no/such/file").catch(reasonOf),
    Deno.readTextFile("/").catch(reasonOf),
    open("/no/such/file", "wx").catch(reasonOf),
  ]);
  assert.deepEqual([gone, folder], ["No such file or directory", "Is a directory"]);
  assert.equal(other, "no such file or directory");
  for (
    const [message, reason] of [
      [
        'Requires read access to "/etc/a, b", run again with the --allow-read flag',
        'this program was started without the right to read "/etc/a, b"',
      ],
      [
        'Requires write access to "/srv/x", run again with the --allow-write flag',
        'this program was started without the right to write "/srv/x"',
      ],
      [
        'Requires all access to "/proc/1/mem", run again with the --allow-all flag',
        'this program was started without the right to touch "/proc/1/mem"',
      ],
      ["Something else --allow-all", "this program may not do that here"],
    ] as const
  ) assert.equal(reasonOf(named("NotCapable", message)), reason);
  assert.equal(reasonOf(new Error("It is so.")), "It is so");
  assert.equal(reasonOf("text"), "text");
});
