import { getLogger } from "@logtape/logtape";
import type { Channel } from "../channel/server.ts";
import { controlNs, xml } from "../channel/stanza.ts";
import type { Prosody } from "./prosody.ts";

const log = getLogger(["couplet", "prosody"]);

/** Asks the Prosody that is linked for a host; one that is not there, slow or confused answers `undefined`. */
export function createProsodyOverChannel(channel: Pick<Channel, "link">): Prosody {
  return {
    async userExists(host, username) {
      const link = channel.link(host);
      if (!link) return undefined;
      try {
        const reply = await link.request("get", `${username}@${host}`, xml("user", { xmlns: controlNs }));
        const exists = reply.getChild("user", controlNs)?.attrs.exists;
        return exists === "true" ? true : exists === "false" ? false : undefined;
      } catch (error) {
        log.warn("Prosody did not say whether an account exists", { host, error });
        return undefined;
      }
    },
  };
}
