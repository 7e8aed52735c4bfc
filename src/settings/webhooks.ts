import { z } from "zod";
import { parseNetwork } from "../core/network.ts";
import { duration, setting, whole } from "./types.ts";

const aPlace = 'expected true, or a list of networks such as "10.0.0.0/8" and names such as "app.internal"';
const aName = /^(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const place = z.string(aPlace).transform((text, context) => {
  const network = parseNetwork(text);
  const name = text.toLowerCase();
  if (network) return { network };
  if (aName.test(name) && !/^[0-9.]+$/.test(name)) return { name };
  context.addIssue(aPlace);
  return z.NEVER;
});
const places = z.union([z.boolean(), z.array(place)], aPlace).transform((given) => {
  const list = typeof given === "boolean" ? [] : given;
  return {
    all: given === true,
    networks: list.flatMap((one) => "network" in one ? one.network : []),
    names: list.flatMap((one) => "name" in one ? one.name : []),
  };
});

/** Webhooks. */
export const webhookSettings = {
  "webhooks.allow_private": setting({
    type: places,
    default: [],
    meaning:
      "Where webhooks may lead beside public addresses by https: a list of addresses, networks and names, or `true` " +
      "for everywhere. What is named here may be called by plain http too.",
  }),
  "webhooks.max": setting({ type: whole(1_000), default: 20, meaning: "The most webhooks of one host." }),
  "webhooks.timeout": setting({
    type: duration,
    default: "15s",
    meaning: "How long a receiver may take to answer.",
  }),
  "webhooks.disable_after": setting({
    type: duration,
    default: "5d",
    meaning: "A webhook that has only failed for so long is switched off.",
  }),
  "webhooks.retention": setting({
    type: duration,
    default: "7d",
    meaning:
      "How long events can be looked up and sent again. Those that still wait for a receiver are kept longer, 30 days at most.",
  }),
} as const;
