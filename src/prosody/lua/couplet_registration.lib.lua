-- Registering an account, or setting a password anew, for somebody who has an invite and no stream: the way that
-- mod_register_ibr goes, so that every other module has its say. Part of mod_couplet. It carries questions and decides
-- nothing.

local st = require "util.stanza";
local stringprep = require "util.encodings".stringprep;
local log = require "util.logger".init("couplet");
local usermanager = require "core.usermanager";

local xmlns = "urn:couplet:control:1";
local host = module.host;
local default_role = module:get_option_string("register_ibr_default_role", "prosody:registered");
local account_details = module:open_store("account_details");

local function create_user(event)
	local create_with_role = usermanager.create_user_with_role;
	if create_with_role then return create_with_role(event.username, event.password, host, event.role); end
	return usermanager.create_user(event.username, event.password, host); -- COMPAT(prosody 0.12)
end

-- What is done is done, whatever somebody makes of the news.
local function announce(name, event)
	local ok, err = pcall(module.fire_event, module, name, event);
	if not ok then module:log("error", "Somebody failed over %s of %s: %s", name, event.username, err); end
end

local function set_password(event)
	local ok, err = usermanager.set_password(event.username, event.password, host, nil);
	if not ok then error(err or "the password was not set"); end
	announce("user-password-reset", event);
	return "done";
end

local function make_account(event)
	local username, details = event.username, event.additional;
	local ok, err = create_user(event);
	if not ok then error(err or "the account was not made"); end
	details.registered = os.time();
	if not account_details:set(username, details) then
		usermanager.delete_user(username, host);
		error("its details could not be stored");
	end
	module:log("info", "User account created: %s@%s", username, host);
	announce("user-registered", {
		username = username, host = host, ip = event.ip, source = "mod_couplet";
		session = event.session, validated_invite = event.validated_invite;
	});
	return "done";
end

local function try(event)
	module:fire_event("user-registering", event);
	if not event.allowed then
		local err = event.error or { type = event.error_type, text = event.reason };
		return event.couplet_code or (err.type == "wait" and "refused-for-now" or "refused"), err.text;
	end
	local exists = usermanager.user_exists(event.username, host);
	if event.allow_reset then
		if not exists or event.allow_reset ~= event.username then return "invite-mismatch"; end
		return set_password(event);
	end
	if exists then return "username-taken"; end
	return make_account(event);
end

local function register(invites, request)
	local username = stringprep.nodeprep(request.username or "", true);
	if not username or username == "" then return "bad-username"; end
	if not stringprep.saslprep(request.password or "") then return "bad-password"; end
	local invite = module:depends("invites").get(request.token);
	if not invite then return "no-invite"; end
	local data = invite.additional_data;
	local event = {
		username = username, password = request.password, host = host, ip = request.address, additional = {};
		role = default_role, allowed = true, source = "mod_couplet";
		validated_invite = invite, allow_reset = data and data.allow_reset;
		session = {
			type = "c2s_unauthed", host = host, ip = request.address, validated_invite = invite, log = log;
			send = function () return false; end;
		};
	};
	local ok, word, text = pcall(try, event);
	if not ok then
		module:log("error", "Could not register %s for Couplet: %s", username, word);
		word, text = "failed", nil;
	end
	if word ~= "done" then invites.failed(invite); end
	return word, text, username.."@"..host;
end

return function (invites)
	return function (tag)
		local word, text, jid = register(invites, tag.attr);
		return st.stanza("register", { xmlns = xmlns, is = word, jid = jid }):text(text or "");
	end;
end;
