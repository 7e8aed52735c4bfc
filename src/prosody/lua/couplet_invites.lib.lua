-- Redeeming an invite: makes single use and bound usernames real, whatever core keeps in a stream. Part of mod_couplet.
-- It carries questions and decides nothing.

local st = require "util.stanza";
local new_id = require "util.id".medium;
local jid = require "util.jid";
local filters = require "util.filters";
local add_task = require "util.timer".add_task;
local usermanager = require "core.usermanager";
local rostermanager = require "core.rostermanager";

local xmlns = "urn:couplet:control:1";
local host = module.host;
local storage = module:depends("storage_couplet");

local claims = setmetatable({}, { __mode = "k" }); -- invite object → the use that is held for it
local uncounted = {}; -- uses, and registrations without an invite, that the daemon could not be told of yet

local function tag(name, claim)
	return st.stanza(name, {
		xmlns = xmlns, token = claim.token, claim = claim.id, contact = claim.contact;
	});
end

-- A message from the host, which waits for who is offline.
local function tell(to, text)
	module:send(st.message({ type = "chat", from = host, to = to, id = new_id() }, text));
end

-- The answer says what the inviter is to be told. Who does not get it asks again, so that it is told once.
local function commit(claim)
	local answer, err = storage.call("set", claim.username, tag(claim.word, claim));
	if answer and answer.name == "tell" then tell(answer.attr.to, answer:get_text()); end
	return answer, err;
end

local function count_again()
	for id, claim in pairs(uncounted) do
		if commit(claim) == nil then
			add_task(10, count_again);
			return;
		end
		uncounted[id] = nil;
	end
end

local function count(claim, word)
	claim.done, claim.word = true, word or "commit";
	local ok, err = commit(claim);
	if ok == nil then
		module:log("warn", "Could not tell Couplet of a registration (%s); will try again", err.text);
		uncounted[claim.id] = claim;
		add_task(10, count_again);
	end
end

local function give_back(claim)
	if claim.done then return; end
	claim.done = true;
	storage.call("set", claim.username, tag("release", claim)); -- if this fails, the hold ends by itself
end

-- COMPAT(prosody 13.0): an account whose password could not be set stays behind, disabled, and would block its name.
local function forget_half_made(username, new)
	local is_enabled = usermanager.user_is_enabled;
	if new and is_enabled and usermanager.user_exists(username, host) and not is_enabled(username, host) then
		usermanager.delete_user(username, host);
	end
end

-- A registration has failed that a use was held for.
local function undo(claim)
	if not claim or claim.done then return; end
	forget_half_made(claim.username, claim.new);
	give_back(claim);
end

local watched = setmetatable({}, { __mode = "k" }); -- session → the claim that its registration is about

-- There is no event for a registration that failed, only the error that the client gets: the use is given back
-- before that leaves.
local function on_reply(stanza, session)
	local claim = watched[session];
	if claim and stanza.name == "iq" then
		watched[session] = nil;
		if stanza.attr.type == "error" then undo(claim); end
	end
	return stanza;
end

local function watch(claim, session)
	filters.add_filter(session, "stanzas/out", on_reply);
	watched[session] = claim;
end

local function refuse(event, err)
	event.allowed = false;
	event.error_type, event.error_condition, event.reason = err.type, err.condition, err.text;
	event.error, event.couplet_code = nil, err.code;
end

local shown_at = setmetatable({}, { __mode = "k" }); -- session → the token that it has shown last, and when

-- After everybody else has had a say: a use is held only for what will really be tried.
module:hook("user-registering", function (event)
	if not event.allowed then return; end
	local username, session = event.username, event.session;
	local invite = event.validated_invite or (session and session.validated_invite);
	if invite and claims[invite] then give_back(claims[invite]); end
	local claim = { id = new_id(), token = invite and invite.token, username = username };
	local request = tag("reserve", claim);
	claim.new = not usermanager.user_exists(username, host);
	request.attr.exists = claim.new and "false" or "true";
	local shown = session and shown_at[session];
	if shown and shown.token == claim.token then request.attr.shown = ("%d"):format(shown.at); end
	local ok, err = storage.call("set", username, request);
	if ok == nil then
		if err.code == "unavailable" then err.text = "Registration is not possible just now. Try again later."; end
		module:log("info", "Couplet refused the registration of %s: %s", username, err.text);
		refuse(event, err);
		return;
	end
	if claim.new then
		storage.purge_account(username); -- an earlier one may have left something
		storage.forget_roster(username);
	end
	if invite then
		claims[invite] = claim;
		if session and session.conn then watch(claim, session); end -- who has no stream says itself what failed
	end
end, -100);

local function redeemed(event)
	local invite = event.validated_invite or (event.session and event.session.validated_invite);
	local claim = invite and claims[invite];
	if claim and not claim.done and claim.username == event.username then count(claim); end
end

module:hook("user-registered", function (event)
	local invite = event.validated_invite or (event.session and event.session.validated_invite);
	if invite and claims[invite] then return redeemed(event); end
	count({ id = new_id(), username = event.username }, "registered"); -- Couplet has not heard of it yet
end, 100); -- before mod_invites_register lets go of the token
module:hook("user-password-reset", redeemed, 100);

-- COMPAT(prosody 13.0): mod_register_ibr sets the new password as if the account was new, of which nobody hears. What
-- was logged in with the old one is to end, and what others have derived from it.
module:hook("user-password-reset", function (event)
	prosody.events.fire_event("user-password-changed", { username = event.username, host = host });
end, 90);

-- Core takes an answer that it could not get for a bad token. Whoever holds a good one is told to wait instead.
module:hook("stanza/iq/urn:xmpp:pars:0:preauth", function (event)
	local token = event.stanza.tags[1].attr.token;
	if not token then return; end
	shown_at[event.origin] = { token = token, at = os.time() };
	local ok, err = storage.call("get", nil, st.stanza("invite", { xmlns = xmlns, token = token }));
	if ok == nil and err.code == "unavailable" then
		local text = "Invites cannot be read just now. Try again later.";
		event.origin.send(st.error_reply(event.stanza, err.type, err.condition, text));
		return true;
	end
end, 10);

-- A subscription that carries a token (XEP-0379): around mod_invites_register, which accepts it at priority 1.
module:hook("presence/bare", function (event)
	local stanza = event.stanza;
	local preauth = stanza.attr.type == "subscribe" and stanza:get_child("preauth", "urn:xmpp:pars:0");
	if not preauth or not preauth.attr.token then return; end
	local username, contact = jid.node(stanza.attr.to), jid.bare(stanza.attr.from);
	if rostermanager.is_contact_subscribed(username, host, contact) then return; end
	local claim = { id = new_id(), token = preauth.attr.token, username = username, contact = contact };
	if storage.call("set", username, tag("reserve", claim)) ~= nil then
		event.couplet_claim = claim;
	else -- an ordinary request then: the user decides. A second token would be looked at by core, and never counted
		stanza:maptags(function (child)
			if child.name == "preauth" then return nil; end
			return child;
		end);
	end
end, 2);

module:hook("presence/bare", function (event)
	local claim = event.couplet_claim;
	if not claim then return; end
	if rostermanager.is_contact_subscribed(claim.username, host, claim.contact) then
		count(claim);
	else
		give_back(claim);
	end
end, 0.5);

local function failed(invite)
	undo(claims[invite]);
end

return { count_again = count_again, tell = tell, failed = failed };
