-- Couplet's link: makes single use and bound usernames of invites real, lets the daemon ask this server, and tells
-- clients of rosters that were changed there.
-- It carries questions and decides nothing.

local server = require "net.server";
local unix = require "socket.unix";
local st = require "util.stanza";
local new_id = require "util.id".medium;
local jid = require "util.jid";
local json = require "util.json";
local parse_xml = require "util.xml".parse;
local filters = require "util.filters";
local add_task = require "util.timer".add_task;
local usermanager = require "core.usermanager";
local rostermanager = require "core.rostermanager";
local storagemanager = require "core.storagemanager";

if not prosody.shutdown then return; end -- inside prosodyctl there is nothing to link

local xmlns = "urn:couplet:control:1";
local host = module.host;
local path = module:get_option_string("couplet_socket", "/run/couplet/control.sock");
local pause = module:get_option_number("couplet_pause", 5);
local storage = module:depends("storage_couplet");
local answer_data = module:require "couplet_data";

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

local function forget(username)
	local cache = prosody.hosts[host].roster_cache;
	if cache then cache:set(username.."@"..host, nil); end
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
		return;
	end
	if claim.new then
		storage.purge_account(username); -- an earlier one may have left something
		forget(username);
	end
	if invite then
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

-- Rosters ------------------------------------------------------------------

local decides = "Contacts are managed elsewhere and cannot be changed here.";

local function has(item, way)
	return item ~= nil and (item.subscription == "both" or item.subscription == way);
end

local function send_presence(session, to, available)
	local presence = available and st.clone(session.presence) or st.presence({ type = "unavailable" });
	presence.attr.from, presence.attr.to = session.full_jid, to;
	prosody.core_post_stanza(session, presence, true);
end

-- Presence follows subscriptions (RFC 6121, 3). A contact whose own roster changes along (`mutual`) is told of
-- that change too, and that decides what the contact sends.
local function follow(account, username, contact, old, new, mutual)
	local from, to = has(new, "from"), has(new, "to");
	local from_changed, to_changed = from ~= has(old, "from"), to ~= has(old, "to");
	local peer = prosody.bare_sessions[contact];
	local peer_sends = to_changed and not mutual and peer and peer.roster
		and has(peer.roster[username.."@"..host], "from");
	local probes = to_changed and to and not prosody.hosts[jid.host(contact)];
	for _, session in pairs(account.sessions) do
		if session.presence then
			if from_changed then send_presence(session, contact, from); end
			if probes then
				local probe = st.presence({ type = "probe", from = session.full_jid, to = contact });
				prosody.core_post_stanza(session, probe, true);
			end
			for _, other in pairs(peer_sends and peer.sessions or {}) do
				if other.presence then send_presence(other, session.full_jid, to); end
			end
		end
	end
end

-- Whether this contact must agree itself: its roster is not in the daemon's hands.
local function is_asked(contact)
	local its = prosody.hosts[jid.host(contact)];
	return not (its and its.modules.couplet);
end

local function send_bare(username, to, typ)
	prosody.core_post_stanza(prosody.hosts[host], st.presence({ type = typ, from = username.."@"..host, to = to }));
end

-- What contacts' servers must be told: what is granted before the presence that follows from it, the rest after.
local function notify(username, changes, granted)
	for _, change in ipairs(changes) do
		for _, typ in ipairs(change.notices or {}) do
			if (typ == "subscribed") == granted then send_bare(username, change.jid, typ); end
		end
	end
end

local function is_same(one, other)
	if not one or not other then return one == other; end
	for _, field in ipairs { "name", "subscription", "ask", "approved" } do
		if one[field] ~= other[field] then return false; end
	end
	for group in pairs(one.groups) do
		if not other.groups[group] then return false; end
	end
	for group in pairs(other.groups) do
		if not one.groups[group] then return false; end
	end
	return true;
end

local function differences(roster, kept, mutual)
	local changes = {};
	for contact, item in pairs(kept) do
		if contact and not is_same(roster[contact], item) then
			table.insert(changes, { jid = contact, item = item, mutual = mutual[contact] });
		end
	end
	for contact in pairs(roster) do
		if contact and not kept[contact] then
			table.insert(changes, { jid = contact, mutual = mutual[contact] });
		end
	end
	return changes;
end

-- Brings the roster of an online user to another version. While there is more to push it has the old one, so that
-- a client that misses the rest asks again.
local function change_roster(account, username, changes, version)
	local roster, old = account.roster, {};
	local meta = roster[false];
	for i, change in ipairs(changes) do
		old[i], roster[change.jid] = roster[change.jid], change.item;
		if not change.item or has(change.item, "from") then meta.pending[change.jid] = nil; end
	end
	for i, change in ipairs(changes) do
		if i == #changes then meta.version = version; end
		if not is_same(old[i], change.item) then rostermanager.roster_push(username, host, change.jid); end
		follow(account, username, change.jid, old[i], change.item, change.mutual);
	end
	meta.version = version;
end

local function account_of(username)
	local account = prosody.hosts[host].sessions[username];
	return account and account.roster and account;
end

local function reload(username, push)
	local account, unsaved = account_of(username), storage.stale[username];
	storage.stale[username] = nil;
	if not account then return; end
	local kept = storage.read_roster(username);
	if kept == nil then
		storage.stale[username] = true;
		add_task(pause, function () module:fire_event("couplet-roster-stale", { username = username }); end);
		return;
	end
	local mutual = {};
	for _, change in ipairs(push.items) do mutual[change.jid] = change.mutual; end
	local changes = differences(account.roster, kept, mutual);
	account.roster[false].pending, account.roster[false].broken = kept[false].pending, nil;
	change_roster(account, username, changes, kept[false].version);
	-- An answer may be among what could not be saved: it is asked for again, as after a login.
	for _, change in ipairs(unsaved and changes or {}) do
		if change.item and change.item.ask and is_asked(change.jid) then
			send_bare(username, change.jid, "subscribe");
		end
	end
end

local function keeps_rosters()
	local store = storagemanager.open(host, "roster", "keyval");
	return store and store.couplet;
end

-- A roster was changed by somebody else than its owner's clients: `from` one version `to` another by `items`, or
-- nobody knows how.
local function roster_changed(username, push)
	if not keeps_rosters() then return nil, "This host's rosters are not kept by Couplet"; end
	forget(username);
	notify(username, push.items, true);
	local account = account_of(username);
	if account then
		local meta = account.roster[false];
		if push.from == nil or meta.version ~= push.from or meta.broken or storage.stale[username] then
			reload(username, push);
		else
			change_roster(account, username, push.items, push.to);
		end
	end
	notify(username, push.items, false);
	return true;
end

-- Which versions those who are online have: the daemon says what is out of date.
local function report_versions(send)
	if not keeps_rosters() then return; end
	prosody.hosts[host].roster_cache = nil;
	local versions, size = {}, 0;
	local function flush()
		if size == 0 then return; end
		send(st.stanza("online", { xmlns = xmlns }):text(json.encode(versions)));
		versions, size = {}, 0;
	end
	for username, account in pairs(prosody.hosts[host].sessions) do
		if account.roster then
			local version = tonumber(account.roster[false].version) or 0;
			versions[username] = storage.stale[username] and -1 or version;
			size = size + 1;
			if size == 2000 then flush(); end
		end
	end
	flush();
end

-- Deleting an account reads its roster into the cache, where a new account of that name would find it. Where rosters
-- are kept elsewhere, nothing else may tell the daemon that it is gone.
module:hook_global("user-deleted", function (event)
	if event.host ~= host then return; end
	if keeps_rosters() then forget(event.username); else storage.purge_account(event.username); end
end, -100);

local longest, most_groups = 1023, 100; -- bytes of a name or a group, groups of a contact
local most_requests = 300; -- for a subscription, that wait for their answer

-- As it will be kept, so that what is in memory is the same: control characters are spaces.
local function flatten(text)
	return (text:gsub("\194[\128-\159]", "\1"):gsub("%c+", " "));
end

local function flatten_item(item)
	item.attr.name = item.attr.name and flatten(item.attr.name);
	for group in item:childtags("group") do
		local name = group:get_text();
		for i = #group, 1, -1 do group[i] = nil; end
		group:text(flatten(name or ""));
	end
end

-- What the daemon would not keep: a client is told what is wrong with it.
local function item_fault(item)
	if #(item.attr.name or "") > longest then return "The name is too long"; end
	local groups = 0;
	for group in item:childtags("group") do
		local name = group:get_text() or "";
		if name == "" then return "A group needs a name"; end
		if #name > longest then return "The name of a group is too long"; end
		groups = groups + 1;
	end
	if groups > most_groups then return ("A contact may be in %d groups at most"):format(most_groups); end
end

module:hook("iq/self/jabber:iq:roster:query", function (event)
	local origin, stanza = event.origin, event.stanza;
	if stanza.attr.type ~= "set" or not keeps_rosters() then return; end
	if storage.policy() ~= "shared" then
		origin.send(st.error_reply(stanza, "cancel", "not-allowed", decides));
		return true;
	end
	local item = stanza.tags[1]:get_child("item");
	if item then flatten_item(item); end
	local fault = item and item_fault(item);
	if fault then
		origin.send(st.error_reply(stanza, "modify", "not-acceptable", fault));
		return true;
	end
end, 10);

local subscription_types = { subscribe = true, subscribed = true, unsubscribe = true, unsubscribed = true };

-- Whether this token (XEP-0379) makes somebody a contact of a user of ours.
local function invites(contact, preauth)
	if not preauth or not preauth.attr.token or jid.host(contact) ~= host then return false; end
	return storage.call("get", jid.node(contact), st.stanza("invite", { xmlns = xmlns, token = preauth.attr.token }));
end

-- Where clients do not decide, their requests are answered all the same. An invite makes contacts there too: who
-- accepts one accepts that the inviter asks back.
local function on_outbound(event)
	local origin, stanza = event.origin, event.stanza;
	local typ = stanza.attr.type;
	if not subscription_types[typ] or not origin.roster or not keeps_rosters() or storage.policy() == "shared" then
		return;
	end
	local contact = jid.bare(stanza.attr.to);
	local item = origin.roster[contact];
	if typ == "subscribe" and item and item.ask and is_asked(contact) then
		return; -- core asks again with each login what was not answered
	elseif typ == "subscribe" and has(item, "to") then
		origin.send(st.presence({ type = "subscribed", from = contact, to = jid.bare(stanza.attr.from) }));
	elseif typ == "subscribe" and invites(contact, stanza:get_child("preauth", "urn:xmpp:pars:0")) then
		rostermanager.subscribed(origin.username, host, contact);
		return;
	else
		origin.send(st.error_reply(stanza, "cancel", "not-allowed", decides));
	end
	return true;
end

-- Whether one more request can wait: strangers must not push out others, or fill what is saved with each change.
local function has_room(username, contact)
	local roster = rostermanager.load_roster(username, host);
	local item, pending = roster[contact], roster[false].pending or {};
	if pending[contact] or has(item, "from") or item and item.approved then return true; end -- nothing more waits
	local waiting = 0;
	for _ in pairs(pending) do waiting = waiting + 1; end
	return waiting < most_requests;
end

-- Who asks without being a contact already, or being expected to, is declined. A contact elsewhere may answer and
-- leave, one of this server answer what it is asked.
local function on_inbound(event)
	local stanza = event.stanza;
	local typ = stanza.attr.type;
	if not subscription_types[typ] or event.couplet_claim or not keeps_rosters() then return; end
	local username, contact = jid.node(stanza.attr.to), jid.bare(stanza.attr.from);
	if storage.policy() == "shared" then
		if typ ~= "subscribe" or has_room(username, contact) then return; end
		module:log("info", "%s has too many requests for a subscription: one is declined", username);
		send_bare(username, contact, "unsubscribed");
		return true;
	end
	if typ == "subscribe" then
		-- What could not be read just now may be remembered as an empty roster: nobody is declined for that.
		local meta = rostermanager.load_roster(username, host)[false];
		if meta.broken or rostermanager.is_contact_subscribed(username, host, contact)
			or rostermanager.is_contact_preapproved(username, host, contact) then return; end
		send_bare(username, contact, "unsubscribed");
		return true;
	end
	local answers_it = (typ == "subscribed" or typ == "unsubscribed")
		and rostermanager.is_contact_pending_out(username, host, contact);
	if prosody.hosts[jid.host(contact)] and not answers_it then return true; end
end

for _, target in ipairs { "bare", "full", "host" } do
	module:hook("pre-presence/"..target, on_outbound, 10);
end
module:hook("presence/bare", on_inbound, 1.5); -- after a token that comes along has been looked at
module:hook("presence/full", on_inbound, 1.5);

-- The link -----------------------------------------------------------------

local answers = {};

answers["get user"] = function (username)
	local exists = usermanager.user_exists(username, host) and "true" or "false";
	return st.stanza("user", { xmlns = xmlns, exists = exists });
end

answers["get data"] = function (_, child)
	local calls = load(child:get_text(), "=couplet", "t", {})();
	return st.stanza("data", { xmlns = xmlns }):text(answer_data(calls));
end

answers["set roster"] = function (username, child)
	local push = load(child:get_text(), "=couplet", "t", {})();
	return roster_changed(username, push);
end

local function answer(iq)
	local child = iq.tags[1];
	local handler = child and child.attr.xmlns == xmlns and answers[iq.attr.type.." "..child.name];
	if not handler then
		return st.error_reply(iq, "cancel", "feature-not-implemented");
	end
	local ok, result, err = pcall(handler, jid.node(iq.attr.to), child);
	if not ok then
		module:log("error", "Could not answer Couplet: %s", result);
		return st.error_reply(iq, "wait", "internal-server-error");
	end
	if not result then return st.error_reply(iq, "cancel", "not-allowed", err); end
	local reply = st.reply(iq);
	return result == true and reply or reply:add_child(result);
end

local link, closing;
local parts, greeted, refused = {}, false, false;
local listeners = {};
local connect;

local function quote_back(text)
	return ">"..text:gsub("&quot;", '"'):gsub("&apos;", "'").."<";
end

-- In a text quotes may stand as they are: written out, a value that is full of them would be too long for a line.
local function to_line(stanza)
	local line = tostring(stanza):gsub("[\r\n]", { ["\r"] = "&#13;", ["\n"] = "&#10;" });
	return line:gsub(">([^<>]+)<", quote_back).."\n";
end

local function tell(child, username)
	if not greeted then return; end
	local to = username and username.."@"..host or host;
	link:write(to_line(st.iq({ type = "set", id = new_id(), to = to }):add_child(child)));
end

-- What could not be saved is not what is in memory. The daemon is asked to say so when it can: it may be stuck now.
module:hook("couplet-roster-stale", function (event)
	tell(st.stanza("online", { xmlns = xmlns }):text(json.encode({ [event.username] = -1 })));
end);

-- Somebody is about to want a roster: time to ask the web app for it.
module:hook("authentication-success", function (event)
	if not keeps_rosters() or storage.policy() ~= "upstream" then return; end
	local username, arriving = event.session.username, st.stanza("arriving", { xmlns = xmlns });
	if greeted then tell(arriving, username); else storage.call("set", username, arriving); end
end);

local function receive(stanza)
	if stanza.name == "hello" then
		greeted = true;
		module:log("info", "Linked to %s", stanza.attr.version or "Couplet");
		storage.reset(stanza.attr);
		storage.purge_again();
		count_again();
		report_versions(tell);
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

-- Long lines come in many parts: each byte is looked at once.
function listeners.onincoming(conn, data)
	local from = 1;
	while true do
		local at = data:find("\n", from, true);
		if not at then break; end
		table.insert(parts, data:sub(from, at - 1));
		local line = table.concat(parts);
		parts, from = {}, at + 1;
		local stanza = line ~= "" and parse_xml(line);
		if stanza then
			receive(stanza);
		elseif line ~= "" then
			module:log("error", "Couplet sent something that is not a stanza");
			conn:close();
			return;
		end
	end
	if from <= #data then table.insert(parts, data:sub(from)); end
end

function listeners.ondisconnect()
	local wait = refused and 10 or 1;
	if greeted and not closing then module:log("warn", "The link to Couplet is gone; dialling again"); end
	link, parts, greeted, refused = nil, {}, false, false;
	if not closing then add_task(wait, connect); end
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

-- What prosodyctl could not tell, while we can.
add_task(60, function ()
	if closing then return; end
	if greeted then storage.purge_again(); end
	return 60;
end);

if prosody.start_time then
	connect();
else
	module:hook_global("server-started", connect);
end
