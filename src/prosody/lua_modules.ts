import coupletAdhoc from "./lua/couplet_adhoc.lib.lua" with { type: "text" };
import coupletData from "./lua/couplet_data.lib.lua" with { type: "text" };
import coupletInvites from "./lua/couplet_invites.lib.lua" with { type: "text" };
import coupletRegistration from "./lua/couplet_registration.lib.lua" with { type: "text" };
import coupletRosters from "./lua/couplet_rosters.lib.lua" with { type: "text" };
import modCouplet from "./lua/mod_couplet.lua" with { type: "text" };
import modStorageCouplet from "./lua/mod_storage_couplet.lua" with { type: "text" };

/** Prosody's side, carried in the program. */
export const modules: Readonly<Record<string, string>> = {
  "mod_couplet.lua": modCouplet,
  "couplet_adhoc.lib.lua": coupletAdhoc,
  "couplet_data.lib.lua": coupletData,
  "couplet_invites.lib.lua": coupletInvites,
  "couplet_registration.lib.lua": coupletRegistration,
  "couplet_rosters.lib.lua": coupletRosters,
  "mod_storage_couplet.lua": modStorageCouplet,
};
