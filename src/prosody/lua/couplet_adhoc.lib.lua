-- Ad-hoc commands that make invites (XEP-0050, XEP-0401): the daemon is asked, and decides. Part of mod_couplet.
-- mod_invites_adhoc has commands on some of these nodes: where it is loaded too, these take their place.

local st = require "util.stanza";
local jid = require "util.jid";
local usermanager = require "core.usermanager";
local is_loaded = require "core.modulemanager".is_loaded;

local xmlns = "urn:couplet:control:1";
local xmlns_commands = "http://jabber.org/protocol/commands";
local xmlns_form = "jabber:x:data";
local host = module.host;

local listed = {
	{ node = "urn:xmpp:invite#create-account", name = "Create new account invite" };
	{ node = "urn:xmpp:invite#invite", name = "Create new contact invite", of_users = true };
	{ node = "urn:couplet:invite#password-reset", name = "Create password reset invite" };
};
local names = { ["xmpp:prosody.im/mod_invites_adhoc#password-reset"] = "Create password reset invite" };
for _, command in ipairs(listed) do names[command.node] = command.name; end

local most_fields, longest_value = 50, 10000; -- of a client's form: what is beyond is no form of ours

module:depends("adhoc"); -- says that there are commands, and answers for all others

local ask; -- over the link; nothing while that is down
local open = {}; -- nodes that every user may run

-- Where nobody redeems invites, as on a host that has its rosters alone from Couplet, nobody makes any.
local function is_ours(node)
	return names[node] and is_loaded(host, "invites_register");
end

local function is_admin(session, from)
	if usermanager.get_jid_role then
		-- A session may have less than the account: what it logged in with says so. That is a role on its own host.
		local own = session.type == "c2s" and session.host == host and session.role;
		local role = own or usermanager.get_jid_role(jid.bare(from), host);
		return role and (role.name == "prosody:admin" or role.name == "prosody:operator") or false;
	end
	return usermanager.is_admin(jid.bare(from), host); -- COMPAT(prosody 0.12)
end

local function may_see(session, from)
	local is_user, admin = jid.host(from) == host, is_admin(session, from);
	return function (command)
		if not ask or command.of_users and not is_user then return false; end
		return admin or is_user and open[command.node] or false;
	end
end

module:hook("host-disco-items-node", function (event)
	if event.node ~= xmlns_commands then return; end
	local query = event.reply.tags[1];
	query:maptags(function (item)
		if is_ours(item.attr.node) then return nil; end
		return item;
	end);
	local shown = may_see(event.origin, event.stanza.attr.from);
	for _, command in ipairs(listed) do
		if is_ours(command.node) and shown(command) then
			query:tag("item", { jid = host, node = command.node, name = command.name }):up();
		end
	end
	event.exists = true;
end, -10); -- after mod_adhoc

module:hook("host-disco-info-node", function (event)
	if not is_ours(event.node) then return; end
	local name = names[event.node];
	local origin, stanza = event.origin, event.stanza;
	local command = { node = event.node };
	for _, one in ipairs(listed) do
		if one.node == event.node then command = one; end
	end
	if may_see(origin, stanza.attr.from)(command) then
		event.reply:tag("identity", { category = "automation", type = "command-node", name = name }):up()
			:tag("feature", { var = xmlns_commands }):up()
			:tag("feature", { var = xmlns_form }):up();
		origin.send(event.reply);
	else
		origin.send(st.error_reply(stanza, "auth", "forbidden", "This item is not available to you"));
	end
	return true;
end, 10); -- before mod_adhoc

-- What a client has filled in, and nothing else of what it sent.
local function form_of(command)
	local sent = command:get_child("x", xmlns_form);
	if not sent then return nil; end
	local form, count = st.stanza("form", { type = sent.attr.type }), 0;
	for field in sent:childtags("field", xmlns_form) do
		count = count + 1;
		if count > most_fields then break; end
		form:tag("field", { var = field.attr.var or "" });
		for value in field:childtags("value", xmlns_form) do
			local text = value:get_text() or "";
			count = count + 1;
			if #text <= longest_value and count <= most_fields then form:text_tag("value", text); end
		end
		form:up();
	end
	return form;
end

module:hook("iq-set/host/"..xmlns_commands..":command", function (event)
	local session, stanza = event.origin, event.stanza;
	local command, from = stanza.tags[1], stanza.attr.from;
	if not is_ours(command.attr.node) then return; end
	local function refuse(err)
		session.send(st.error_reply(stanza, err.type, err.condition, err.text));
	end
	if not ask then
		refuse({ type = "wait", condition = "internal-server-error", text = "Try again later" });
		return true;
	end
	local question = st.stanza("command", {
		xmlns = xmlns, node = command.attr.node, action = command.attr.action, session = command.attr.sessionid;
		from = from, admin = is_admin(session, from) and "true" or nil;
		lang = command.attr["xml:lang"] or stanza.attr["xml:lang"];
	});
	local form = form_of(command);
	if form then question:add_child(form); end
	ask(question, jid.host(from) == host and jid.node(from) or nil, function (answer, err)
		if not answer then return refuse(err); end
		local reply = st.reply(stanza):add_child(answer);
		if answer.name == "error" then reply.attr.type = "error"; end
		session.send(reply);
	end);
	return true;
end, 600); -- before mod_adhoc

local function linked(how, hello)
	ask, open = how, {};
	for node in (hello.commands or ""):gmatch("%S+") do open[node] = true; end
end

local function unlinked()
	ask = nil;
end

return { linked = linked, unlinked = unlinked };
