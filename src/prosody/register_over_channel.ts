import type { Channel } from "../channel/server.ts";
import { controlNs, xml } from "../channel/stanza.ts";
import { Problem, problems } from "../core/problem.ts";
import type { RegistrationAnswer, RegistrationRequest } from "./prosody.ts";

const patience = 10_000; // ms: other modules of Prosody may look at a registration too

const words: ReadonlySet<string> = new Set<RegistrationAnswer["is"]>([
  ...["done", "bad-username", "bad-password", "no-invite"] as const,
  ...["refused", "refused-for-now", "failed"] as const,
]);

/** Asks the Prosody that is linked for a host, through mod_couplet's `couplet_registration`. */
export const registerOverChannel =
  (channel: Pick<Channel, "link">) =>
  async (host: string, request: RegistrationRequest): Promise<RegistrationAnswer> => {
    const link = channel.link(host);
    if (!link) {
      throw new Problem(
        "store-unavailable",
        "Prosody is not there just now. Nothing was done; try again later.",
      );
    }
    const { address, ...said } = request;
    const tag = xml("register", { xmlns: controlNs, ...said, ...(address !== undefined && { address }) });
    const reply = await link.request("set", host, tag, patience).catch((error) => {
      throw error instanceof Problem && error.code === "store-unavailable" ? inDoubt() : error;
    });
    const answer = reply.getChild("register", controlNs);
    const { is = "", jid = "" } = (answer?.attrs ?? {}) as Record<string, string>;
    const text = answer?.getText() ?? "";
    // What the daemon itself has said when Prosody asked it for a use of the invite.
    if (Object.hasOwn(problems, is)) throw new Problem(is as keyof typeof problems, text);
    if (is === "unavailable") throw new Problem("store-unavailable", text);
    if (!words.has(is)) throw inDoubt();
    return { is, jid, text } as RegistrationAnswer;
  };

/** A hold that nobody settles is settled by asking whether the account exists: the invite is not lost. */
const inDoubt = () =>
  new Problem(
    "in-doubt",
    "Prosody did not say in time whether this was done. Try to sign in; if that fails, try this again in two minutes.",
    [],
    { retryAfter: 120 },
  );
