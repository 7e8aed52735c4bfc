import type { RosterItem } from "./roster.ts";

const blank: RosterItem = { groups: [], subscription: "none", ask: false, approved: false };

/**
 * What becomes of a contact that was changed here and by Prosody, which had not heard of that yet: what either has
 * changed. What both have is as Prosody has it: that was last.
 * @param base as it was before either
 */
export function merge(
  base: RosterItem | undefined,
  kept: RosterItem | undefined,
  saved: RosterItem | undefined,
): RosterItem | undefined {
  // Nobody can remove who was not there: Prosody has saved a request from them.
  if (!saved) return base ? undefined : kept;
  const [was, now] = [base ?? blank, kept ?? blank];
  const isAsBefore = (fields: readonly (keyof RosterItem)[]) =>
    fields.every((field) => JSON.stringify(was[field]) === JSON.stringify(saved[field]));
  const state = ["subscription", "ask", "approved"] as const;
  if (base && !kept && isAsBefore(["name", "groups", ...state])) return undefined;
  const { name } = isAsBefore(["name"]) ? now : saved;
  const { groups } = isAsBefore(["groups"]) ? now : saved;
  const { subscription, ask, approved } = isAsBefore(state) ? now : saved;
  return { ...(name !== undefined && { name }), groups, subscription, ask, approved };
}
