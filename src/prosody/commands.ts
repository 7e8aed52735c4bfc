import { buildRouteMap } from "@stricli/core";
import { args, command, type CommonFlags } from "../cli/command.ts";
import { CommandError, type Routes } from "../cli/run.ts";
import { reasonOf } from "../core/reason.ts";
import { modules } from "./lua_modules.ts";

/** `couplet prosody install DIR` */
export function prosodyCommands(socketOf: (flags: CommonFlags) => Promise<string>): Routes {
  const install = command<Record<never, never>, [string]>({
    brief: "Write Prosody's two modules into a folder and print the lines for its configuration",
    flags: {},
    positional: args({ placeholder: "DIR", brief: "a folder of Prosody's plugin_paths" }),
    call: async (flags, dir) => {
      const socket = await socketOf(flags);
      try {
        await Deno.mkdir(dir, { recursive: true });
        for (const [name, text] of Object.entries(modules)) await Deno.writeTextFile(`${dir}/${name}`, text);
      } catch (error) {
        throw new CommandError(`The modules cannot be written to ${dir}: ${reasonOf(error)}.`);
      }
      const path = await Deno.realPath(dir);
      const lines = configLines(path, socket);
      return {
        json: { dir: path, files: Object.keys(modules), lines },
        text: lines,
        hint:
          `Wrote ${Object.keys(modules).join(", ")} to ${path}. Put the lines above into prosody.cfg.lua, ` +
          "then restart Prosody.",
      };
    },
  });
  return { prosody: buildRouteMap({ routes: { install }, docs: { brief: "Prosody's side" } }) };
}

/** What prosody.cfg.lua needs, for all hosts or, below a VirtualHost line, for one. */
export const configLines = (dir: string, socket: string) =>
  `plugin_paths = { ${luaString(dir)} } -- beside the folders that are there already
modules_enabled = {
    -- beside those that are there already:
    "couplet"; "invites"; "invites_register"; "register_ibr";
}
allow_registration = true
registration_invite_only = true
storage = { invite_token = "couplet" }
-- With rosters kept by Couplet as well (bring those that there are first: couplet rosters import):
-- storage = { invite_token = "couplet"; roster = "couplet" }
couplet_socket = ${luaString(socket)}`;

const luaString = (text: string) => `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
