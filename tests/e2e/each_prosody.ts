import { findProsodies, type ProsodyInstall } from "../setup/prosody.ts";

const installs = await findProsodies();

/** A test that runs on every Prosody there is; where there is none, it is there to be seen as skipped. */
export function onEachProsody(name: string, test: (install: ProsodyInstall) => Promise<void>): void {
  for (const install of installs) Deno.test(`${name} (Prosody ${install.version})`, () => test(install));
  if (installs.length === 0) {
    Deno.test({ name: `${name} (no Prosody: run tests/setup/install.ts)`, ignore: true, fn: () => {} });
  }
}
