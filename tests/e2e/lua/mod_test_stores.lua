-- For tests: what mod_invites_api and mod_groups_internal keep, written by Prosody's own storage; and an invite into
-- such a group, for several people, which no command makes.

local invites = module:depends("invites");

local keys = module:open_store("invite_api_keys", "map");
keys:set(nil, "wDFwS2sKxg3Z", {
	id = "wDFwS2sKxg3Z";
	token = "y25ILHfvLmcTJpm3aoIuMzx6LRC3U7hFUdzH";
	name = "My test key";
	created_at = os.time();
	allowed_methods = { GET = true, POST = true };
});

module:open_store("group_info"):set("aB3-x_y", { name = "Friends" });
local members = module:open_store("groups", "map");
for _, username in ipairs({ "alice", "dave" }) do
	members:set("aB3-x_y", username, {});
end

local function make_invite()
	local invite = invites.create_group({ "aB3-x_y" }, { note = "For friends" }, 3600);
	module:log("info", "Made the invite %s", invite.token);
end
if prosody.start_time then make_invite(); else module:hook_global("server-started", make_invite); end
