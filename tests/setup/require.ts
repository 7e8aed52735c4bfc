/** Fails unless a Prosody of the series named is there: a run that skipped half of its tests is no green one. */
import { findProsodies } from "./prosody.ts";

const found = (await findProsodies()).map(({ series }) => series);
if (!found.includes(Deno.args[0] ?? "")) {
  Deno.stderr.writeSync(
    new TextEncoder().encode(`No Prosody ${Deno.args[0]} here, only: ${found.join(", ") || "none"}\n`),
  );
  Deno.exit(1);
}
