import type { Asked, DataApp } from "./rig.ts";

/** Who may ask, beside the command line. */
export const askers = {
  john: { as: "john" },
  marie: { as: "marie" },
  admin: { as: "admin" },
  reader: { scopes: ["data:read"] },
  writer: { scopes: ["data:write"] },
  both: { scopes: ["data:read", "data:write"] },
  all: { scopes: ["data:read", "data:write", "data:secrets"] },
  none: { scopes: ["invites:create", "rosters:read", "rosters:write"] },
  nobody: {},
} as const;
export type Who = keyof typeof askers;
export const people = Object.keys(askers) as Who[];

/** What each of them sends to say who they are. */
export async function withKeys(rig: DataApp): Promise<(who: Who) => Asked> {
  const keys = new Map<string, string>();
  for (const who of people) {
    const asker = askers[who];
    if ("scopes" in asker) keys.set(who, await rig.app.key({ scopes: [...asker.scopes] }));
  }
  return (who) => {
    const asker = askers[who];
    const key = keys.get(who);
    return { ...("as" in asker && asker), ...(key !== undefined && { key }) };
  };
}
