-- Couplet's link: makes single use and bound usernames of invites real, and lets the daemon ask this server.
-- It carries questions and decides nothing.

local server = require "net.server";
local unix = require "socket.unix";
local st = require "util.stanza";
local new_id = require "util.id".medium;
local jid = require "util.jid";
local parse_xml = require "util.xml".parse;
local filters = require "util.filters";
local add_task = require "util.timer".add_task;
local usermanager = require "core.usermanager";
local rostermanager = require "core.rostermanager";

if not prosody.shutdown then return; end -- inside prosodyctl there is nothing to link

local xmlns = "urn:couplet:control:1";
local host = module.host;
local path = module:get_option_string("couplet_socket", "/run/couplet/control.sock");
local storage = module:depends("storage_couplet");

-- Redeeming an invite ------------------------------------------------------

local claims = setmetatable({}, { __mode = "k" }); -- invite object → the use that is held for it
local uncounted = {}; -- uses that the daemon could not be told of yet

local function tag(name, claim)
	return st.stanza(name, {
		xmlns = xmlns, token = claim.token, claim = claim.id, contact = claim.contact;
	});
end

local function count_again()
	for id, claim in pairs(uncounted) do
		if storage.call("set", claim.username, tag("commit", claim)) == nil then
			add_task(10, count_again);
			return;
		end
		uncounted[id] = nil;
	end
end

local function count(claim)
	claim.done = true;
	local ok, err = storage.call("set", claim.username, tag("commit", claim));
	if ok == nil then
		module:log("warn", "Could not tell Couplet that an invite was used (%s); will try again", err.text);
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

local watched = setmetatable({}, { __mode = "k" }); -- session → the claim that its registration is about

-- There is no event for a registration that failed, only the error that the client gets: the use is given back
-- before that leaves.
local function on_reply(stanza, session)
	local claim = watched[session];
	if claim and stanza.name == "iq" then
		watched[session] = nil;
		if stanza.attr.type == "error" and not claim.done then
			forget_half_made(claim.username, claim.new);
			give_back(claim);
		end
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
	event.error = nil;
end

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
	local ok, err = storage.call("set", username, request);
	if ok == nil then
		if err.code == "unavailable" then err.text = "Registration is not possible just now. Try again later."; end
		module:log("info", "Couplet refused the registration of %s: %s", username, err.text);
		refuse(event, err);
	elseif invite then
		claims[invite] = claim;
		if session then watch(claim, session); end
	end
end, -100);

local function redeemed(event)
	local invite = event.validated_invite or (event.session and event.session.validated_invite);
	local claim = invite and claims[invite];
	if claim and not claim.done and claim.username == event.username then count(claim); end
end

module:hook("user-registered", redeemed, 100); -- before mod_invites_register lets go of the token
module:hook("user-password-reset", redeemed, 100);

-- Core takes an answer that it could not get for a bad token. Whoever holds a good one is told to wait instead.
module:hook("stanza/iq/urn:xmpp:pars:0:preauth", function (event)
	local token = event.stanza.tags[1].attr.token;
	if not token then return; end
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
	else -- an ordinary request then: the user decides
		stanza:maptags(function (child)
			if child == preauth then return nil; end
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

-- The link -----------------------------------------------------------------

local answers = {};

answers["get user"] = function (username)
	local exists = usermanager.user_exists(username, host) and "true" or "false";
	return st.stanza("user", { xmlns = xmlns, exists = exists });
end

local function answer(iq)
	local child = iq.tags[1];
	local handler = child and child.attr.xmlns == xmlns and answers[iq.attr.type.." "..child.name];
	if not handler then
		return st.error_reply(iq, "cancel", "feature-not-implemented");
	end
	local ok, result = pcall(handler, jid.node(iq.attr.to), child);
	if not ok then
		module:log("error", "Could not answer Couplet: %s", result);
		return st.error_reply(iq, "wait", "internal-server-error");
	end
	return st.reply(iq):add_child(result);
end

local link, closing;
local buffer, greeted, refused = "", false, false;
local listeners = {};
local connect;

local function to_line(stanza)
	return (tostring(stanza):gsub("[\r\n]", { ["\r"] = "&#13;", ["\n"] = "&#10;" })).."\n";
end

local function receive(stanza)
	if stanza.name == "hello" then
		greeted = true;
		module:log("info", "Linked to %s", stanza.attr.version or "Couplet");
		storage.reset();
		count_again();
	elseif stanza.name == "error" then
		refused = true;
		module:log("error", "Couplet refused the link: %s", stanza:get_child_text("text") or "no reason given");
	elseif stanza.name == "iq" and (stanza.attr.type == "get" or stanza.attr.type == "set") then
		link:write(to_line(answer(stanza)));
	end
end

function listeners.onconnect(conn)
	conn:write(to_line(st.stanza("hello", {
		xmlns = xmlns, role = "link", host = host, server = "Prosody "..(prosody.version or "unknown");
	})));
end

function listeners.onincoming(conn, data)
	buffer = buffer..data;
	local from = 1;
	for line, next_line in buffer:gmatch("([^\n]*)\n()") do
		from = next_line;
		local stanza = line ~= "" and parse_xml(line);
		if stanza then
			receive(stanza);
		elseif line ~= "" then
			module:log("error", "Couplet sent something that is not a stanza");
			conn:close();
			return;
		end
	end
	buffer = buffer:sub(from);
end

function listeners.ondisconnect()
	local pause = refused and 10 or 1;
	if greeted and not closing then module:log("warn", "The link to Couplet is gone; dialling again"); end
	link, buffer, greeted, refused = nil, "", false, false;
	if not closing then add_task(pause, connect); end
end

-- A link is silent most of the time.
function listeners.onreadtimeout(conn)
	conn:write("\n");
	return true;
end

function connect()
	if closing or link then return; end
	local new = type(unix) == "table" and unix.stream or unix; -- COMPAT(luasocket 2): the module is the constructor
	local s = new();
	s:settimeout(0);
	local ok, err = s:connect(path);
	if not ok and err ~= "timeout" then
		s:close();
		module:log("debug", "Cannot reach Couplet on %s: %s", path, err);
		add_task(1, connect);
		return;
	end
	link = server.wrapclient(s, nil, nil, listeners, "*a");
	if not link then add_task(1, connect); end
end

local function disconnect()
	closing = true;
	if link then link:close(); end
end

module:hook_global("server-stopping", disconnect);

function module.unload()
	disconnect();
end

if prosody.start_time then
	connect();
else
	module:hook_global("server-started", connect);
end
