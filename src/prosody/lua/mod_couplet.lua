-- Couplet's link: lets the daemon ask this server, and hear of it. What it is asked for lies in libraries of its own,
-- couplet_*.lib.lua. It carries questions and decides nothing.

local server = require "net.server";
local unix = require "socket.unix";
local st = require "util.stanza";
local new_id = require "util.id".medium;
local jid = require "util.jid";
local json = require "util.json";
local parse_xml = require "util.xml".parse;
local add_task = require "util.timer".add_task;
local runner = require "util.async".runner;
local usermanager = require "core.usermanager";

if not prosody.shutdown then return; end -- inside prosodyctl there is nothing to link

local xmlns = "urn:couplet:control:1";
local host = module.host;
local path = module:get_option_string("couplet_socket", "/run/couplet/control.sock");
local storage = module:depends("storage_couplet");
local invites = module:require "couplet_invites";
local rosters = module:require "couplet_rosters";
local answer_data = module:require "couplet_data";
local adhoc = module:require "couplet_adhoc";
local register = module:require "couplet_registration"(invites);

local answers = {};

answers["get user"] = function (username)
	local exists = usermanager.user_exists(username, host) and "true" or "false";
	return st.stanza("user", { xmlns = xmlns, exists = exists });
end

answers["get data"] = function (_, child)
	local calls = load(child:get_text(), "=couplet", "t", {})();
	return st.stanza("data", { xmlns = xmlns }):text(answer_data(calls));
end

answers["set tell"] = function (_, child)
	invites.tell(child.attr.to, child:get_text());
	return true;
end

answers["set roster"] = function (username, child)
	local push = load(child:get_text(), "=couplet", "t", {})();
	return rosters.changed(username, push);
end

answers["set register"] = function (_, child)
	return register(child);
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

local longest_line = 2^20 - 1; -- as in docs/control_channel.md
local patience = 10; -- s for an answer
local waiting = {}; -- id of an iq → what is to be done with the answer

local unavailable = {
	type = "wait", condition = "internal-server-error", code = "unavailable", text = "Try again later";
};
local too_long = { type = "modify", condition = "bad-request", code = "bad-request", text = "This is too long" };

-- Asks the daemon while everybody else goes on: `done` gets the answer's child, or nil and an error as storage.call
-- has it.
local function ask(child, username, done)
	if not greeted then return done(nil, unavailable); end
	local id, to = new_id(), username and username.."@"..host or host;
	local line = to_line(st.iq({ type = "set", id = id, to = to }):add_child(child));
	if #line > longest_line then return done(nil, too_long); end -- the daemon would hang up on everybody
	waiting[id] = done;
	link:write(line);
	add_task(patience, function ()
		if not waiting[id] then return; end
		waiting[id] = nil;
		done(nil, unavailable);
	end);
end

local function answered(iq)
	local done = waiting[iq.attr.id];
	if not done then return; end
	waiting[iq.attr.id] = nil;
	if iq.attr.type == "result" then return done(iq.tags[1] or false); end
	local typ, condition, text = iq:get_error();
	done(nil, { type = typ, condition = condition, text = text });
end

local function give_up()
	local left = waiting;
	waiting = {};
	for _, done in pairs(left) do done(nil, unavailable); end
end

-- What could not be saved is not what is in memory. The daemon is asked to say so when it can: it may be stuck now.
module:hook("couplet-roster-stale", function (event)
	tell(st.stanza("online", { xmlns = xmlns }):text(json.encode({ [event.username] = -1 })));
end);

-- Somebody is about to want a roster: time to ask the web app for it.
module:hook("authentication-success", function (event)
	if not rosters.keeps() or storage.policy() ~= "upstream" then return; end
	local username, arriving = event.session.username, st.stanza("arriving", { xmlns = xmlns });
	if greeted then tell(arriving, username); else storage.call("set", username, arriving); end
end);

local function reply(stanza)
	local line = to_line(answer(stanza));
	if link then link:write(line); end
end

local function receive(stanza)
	if stanza.name == "hello" then
		greeted = true;
		module:log("info", "Linked to %s", stanza.attr.version or "Couplet");
		storage.reset(stanza.attr);
		storage.purge_again();
		invites.count_again();
		rosters.report_versions(tell);
		adhoc.linked(ask, stanza.attr);
	elseif stanza.name == "error" then
		refused = true;
		module:log("error", "Couplet refused the link: %s", stanza:get_child_text("text") or "no reason given");
	elseif stanza.name == "iq" and (stanza.attr.type == "get" or stanza.attr.type == "set") then
		-- What other modules do about a registration may take its time; nothing else that we are asked for does.
		if stanza.tags[1] and stanza.tags[1].name == "register" then
			runner(reply):run(stanza);
		else
			reply(stanza);
		end
	elseif stanza.name == "iq" then
		answered(stanza);
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
	adhoc.unlinked();
	give_up();
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
