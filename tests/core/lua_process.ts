import { trixieFolder } from "../setup/prosody.ts";

/** A Lua that answers one question after another, in the folder of a Prosody. */
export interface Lua extends AsyncDisposable {
  /** What the program's `answer(question)` returns. */
  ask(question: string | Uint8Array): Promise<Uint8Array>;
}

const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

/** The Prosodies whose utilities can be run here: a name, their folder, and whether they are missing. */
export const prosodies = await Promise.all(
  [["0.12", "/usr/lib/prosody"], ["13", `${trixieFolder()}/usr/lib/prosody`]].map(async ([name, folder]) => ({
    ...{ name, folder: folder as string },
    missing: !await isThere("/usr/bin/lua5.4") || !await isThere(`${folder}/util/serialization.lua`),
  })),
);

const frame = `
package.path = arg[1] .. "/?.lua"
table.insert(package.searchers, 2, function(name) -- Prosody 13 says "prosody.util" for "util"
  local plain = name:match("^prosody%.(.+)$")
  if plain then return function() return require(plain) end end
end)
`;
const loop = `
while true do
  local length = io.read("n", 1)
  if not length then break end
  local reply = answer(length > 0 and io.read(length) or "") -- to read 0 bytes is to wait for one
  io.write(("%10d"):format(#reply), reply)
  io.flush()
end
`;

/** @param program defines the global function `answer`; it can `require` what its Prosody has */
export async function startLua(folder: string, program: string): Promise<Lua> {
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  await Deno.writeTextFile(script, frame + program + loop);
  const child = new Deno.Command("lua5.4", {
    ...{ args: [script, folder], stdin: "piped", stdout: "piped", stderr: "inherit", cwd: "/" },
  }).spawn();
  const [writer, reader] = [child.stdin.getWriter(), child.stdout.getReader()];
  let held = new Uint8Array();
  const read = async (length: number) => {
    while (held.length < length) {
      const { value, done } = await reader.read();
      if (done) throw new Error("Lua has ended");
      held = new Uint8Array([...held, ...value]);
    }
    const [part, rest] = [held.slice(0, length), held.slice(length)];
    held = rest;
    return part;
  };
  return {
    async ask(question) {
      const bytes = typeof question === "string" ? new TextEncoder().encode(question) : question;
      await writer.write(new TextEncoder().encode(`${bytes.length}\n`));
      await writer.write(bytes as Uint8Array<ArrayBuffer>);
      return await read(Number(new TextDecoder().decode(await read(10))));
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await reader.cancel();
      await child.status;
      await Deno.remove(script);
    },
  };
}
