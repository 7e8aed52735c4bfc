-- Rosters that are changed by somebody else than their owners' clients, and what clients may change where somebody else
-- decides. Part of mod_couplet. It carries questions and decides nothing.

local st = require "util.stanza";
local jid = require "util.jid";
local json = require "util.json";
local add_task = require "util.timer".add_task;
local rostermanager = require "core.rostermanager";
local storagemanager = require "core.storagemanager";

local xmlns = "urn:couplet:control:1";
local host = module.host;
local pause = module:get_option_number("couplet_pause", 5);
local storage = module:depends("storage_couplet");

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
	storage.forget_roster(username);
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
	if keeps_rosters() then storage.forget_roster(event.username); else storage.purge_account(event.username); end
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

return { keeps = keeps_rosters, changed = roster_changed, report_versions = report_versions };
