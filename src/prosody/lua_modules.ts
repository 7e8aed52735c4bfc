import coupletData from "./lua/couplet_data.lib.lua" with { type: "text" };
import modCouplet from "./lua/mod_couplet.lua" with { type: "text" };
import modStorageCouplet from "./lua/mod_storage_couplet.lua" with { type: "text" };

/** Prosody's side, carried in the program. */
export const modules: Readonly<Record<string, string>> = {
  "mod_couplet.lua": modCouplet,
  "couplet_data.lib.lua": coupletData,
  "mod_storage_couplet.lua": modStorageCouplet,
};
