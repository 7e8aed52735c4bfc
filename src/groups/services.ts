import { type AdminGroups, createAdminGroups } from "./admin_groups.ts";
import type { GroupNeeds } from "./ground.ts";
import { createGroups, type Groups } from "./groups.ts";
import { createJoining, type Joining } from "./joining.ts";
import { createGroupMembers, type GroupMembers } from "./members.ts";
import { createSettling, type Settling } from "./settling.ts";

/** All that has to do with groups. */
export interface GroupServices {
  readonly groups: Groups;
  readonly groupMembers: GroupMembers;
  readonly adminGroups: AdminGroups;
  readonly groupJoining: Joining;
  readonly settling: Settling;
}

export function createGroupServices(ground: Omit<GroupNeeds, "settling">): GroupServices {
  const isServed = (host: string) => ground.hosts.all.some(({ domain }) => domain === host);
  const settling = createSettling({ ...ground, isServed });
  const needs = { ...ground, settling };
  const [groups, groupMembers] = [createGroups(needs), createGroupMembers(needs)];
  const adminGroups = createAdminGroups({ ...needs, groups, members: groupMembers });
  return { groups, groupMembers, adminGroups, groupJoining: createJoining(needs), settling };
}
