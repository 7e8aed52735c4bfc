import { getLogger } from "@logtape/logtape";
import type { Channel } from "../channel/server.ts";
import { luaChunk } from "../channel/lua_literal.ts";
import { controlNs, type Element, xml } from "../channel/stanza.ts";
import { Problem } from "../core/problem.ts";
import { createDataOverChannel } from "./data_over_channel.ts";
import type { Prosody } from "./prosody.ts";
import { registerOverChannel } from "./register_over_channel.ts";

const log = getLogger(["couplet", "prosody"]);

/** Asks the Prosody that is linked for a host; one that is not there, slow or confused answers `undefined`. */
export function createProsodyOverChannel(channel: Pick<Channel, "link">): Prosody {
  async function ask(
    type: "get" | "set",
    host: string,
    username: string,
    child: Element,
    timeout?: number,
  ): Promise<Element | undefined> {
    const link = channel.link(host);
    if (!link) return undefined;
    try {
      return await link.request(type, `${username}@${host}`, child, timeout);
    } catch (error) {
      if (error instanceof Problem && error.code !== "store-unavailable") throw error;
      log.warn("Prosody did not answer", { host, asked: child.name, error });
      return undefined;
    }
  }

  return {
    async userExists(host, username) {
      const reply = await ask("get", host, username, xml("user", { xmlns: controlNs })).catch(() =>
        undefined
      );
      const exists = reply?.getChild("user", controlNs)?.attrs.exists;
      return exists === "true" ? true : exists === "false" ? false : undefined;
    },

    register: registerOverChannel(channel),
    stored: createDataOverChannel(channel),

    server: (host) => channel.link(host)?.session.server,

    isLinked: (host) => channel.link(host) !== undefined,

    async tell(host, to, text) {
      const child = xml("tell", { xmlns: controlNs, to }, text);
      const answer = await ask("set", host, to.slice(0, to.lastIndexOf("@")), child).catch(() => undefined);
      return answer && true;
    },

    async pushRoster(host, username, push) {
      const tag = xml("roster", { xmlns: controlNs }, luaChunk(push));
      try {
        return await ask("set", host, username, tag, 10_000) && true;
      } catch (error) {
        log.debug("Prosody refused a roster", { host, username, error });
        return false;
      }
    },
  };
}
