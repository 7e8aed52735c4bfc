import modCouplet from "./lua/mod_couplet.lua" with { type: "text" };
import modStorageCouplet from "./lua/mod_storage_couplet.lua" with { type: "text" };

/** Prosody's side, carried in the program. */
export const modules: Readonly<Record<string, string>> = {
  "mod_couplet.lua": modCouplet,
  "mod_storage_couplet.lua": modStorageCouplet,
};
