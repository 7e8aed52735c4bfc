-- Couplet's storage driver: what core modules of Prosody keep in these stores is kept by the daemon.
--   storage = { invite_token = "couplet"; roster = "couplet" }
-- Each call asks over a Unix socket and waits, as the SQL driver waits for its database.
-- luacheck: ignore 212/self

local unix = require "socket.unix";
local json = require "util.json";
local st = require "util.stanza";
local id = require "util.id";
local parse_xml = require "util.xml".parse;
local xml_escape = require "util.stanza".xml_escape;
local monotonic = require "util.time".monotonic;
local jid_split = require "util.jid".split;
local add_task = require "util.timer".add_task;
local usermanager = require "core.usermanager";

local xmlns = "urn:couplet:control:1";
local xmlns_stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";

local host = module.host;
local path = module:get_option_string("couplet_socket", "/run/couplet/control.sock");
local timeout = module:get_option_number("couplet_timeout", 1);
local pause = module:get_option_number("couplet_pause", 5); -- how long not to ask a daemon that did not answer

local longest_line = 2^20 - 1; -- as in docs/control_channel.md
local looks = 250; -- before sleeping
local most_read = 2^20;

local socket, greeting;
local down_until = 0;

local function disconnect()
	if socket then
		socket:close();
		socket = nil;
	end
end

-- Falling asleep and being woken takes as long as the daemon takes to answer: look out for the answer a little
-- while (some 100 µs) before that.
local function receive_line()
	socket:settimeout(0, "t");
	local got;
	for _ = 1, looks do
		local block, err, part = socket:receive(most_read); -- in blocks: a line is read byte by byte
		part = block or part;
		if part ~= "" then
			got = got and got..part or part;
			if got:byte(-1) == 10 then
				socket:settimeout(timeout, "t");
				return got;
			end
		end
		if not block and err ~= "timeout" then return nil, err; end
	end
	socket:settimeout(timeout, "t");
	return socket:receive("*l", got);
end

local function exchange(line)
	local ok, err = socket:send(line);
	if not ok then return nil, err; end
	return receive_line();
end

-- One stanza is one line.
local function to_line(stanza)
	return (tostring(stanza):gsub("[\r\n]", { ["\r"] = "&#13;", ["\n"] = "&#10;" })).."\n";
end

local function connect()
	local new = type(unix) == "table" and unix.stream or unix; -- COMPAT(luasocket 2): the module is the constructor
	local s = new();
	s:settimeout(timeout, "b");
	s:settimeout(timeout, "t");
	local ok, err = s:connect(path);
	if not ok then
		s:close();
		return nil, err;
	end
	socket = s;
	local hello = st.stanza("hello", {
		xmlns = xmlns, role = "lookup", host = host, server = "Prosody "..(prosody.version or "unknown");
	});
	local line, read_err = exchange(to_line(hello));
	local reply = line and parse_xml(line);
	if not reply or reply.name ~= "hello" then
		disconnect();
		return nil, reply and reply:get_child_text("text") or read_err or "bad greeting";
	end
	greeting = reply.attr;
	if not purge_again() then -- before anybody reads or adds to what was theirs
		disconnect();
		return nil, "deleted accounts are still to be purged";
	end
	return true;
end

local function error_from(reply)
	local err = reply:get_child("error");
	local result = { type = "cancel", condition = "undefined-condition", text = "the daemon refused" };
	if not err then return result; end
	result.type = err.attr.type or result.type;
	result.text = err:get_child_text("text", xmlns_stanzas) or result.text;
	for tag in err:childtags(nil, xmlns_stanzas) do
		if tag.name ~= "text" then result.condition = tag.name; end
	end
	local problem = err:get_child("problem", xmlns);
	result.code = problem and problem.attr.code;
	return result;
end

local function unavailable_error()
	return { type = "wait", condition = "internal-server-error", code = "unavailable", text = "Try again later" };
end

local function unavailable(reason)
	module:log("error", "Couplet does not answer on %s (%s); not asking again for %d seconds", path, reason, pause);
	disconnect();
	down_until = monotonic() + pause;
	return nil, unavailable_error();
end

-- Sends one iq with this payload and returns its id and the answering line, or nil and an error.
local function ask(typ, user, payload)
	if monotonic() < down_until then return nil, unavailable_error(); end
	local request_id, reused = id.short(), socket ~= nil;
	local line = "<iq type='"..typ.."' id='"..request_id.."' to='"..xml_escape(user and user.."@"..host or host).."'>"
		..payload.."</iq>";
	line = line:gsub("[\r\n]", { ["\r"] = "&#13;", ["\n"] = "&#10;" }).."\n"; -- a client's token may hold them
	if #line > longest_line then -- the daemon would hang up, and what somebody else asks for would fail with it
		return nil, { type = "modify", condition = "bad-request", code = "bad-request", text = "This is too long" };
	end
	if not socket then
		local ok, err = connect();
		if not ok then return unavailable(err); end
	end
	local answer, err = exchange(line);
	if not answer and reused and err ~= "timeout" then -- the daemon was restarted since
		disconnect();
		local ok, connect_err = connect();
		if not ok then return unavailable(connect_err); end
		answer, err = exchange(line);
	end
	if not answer then return unavailable(err); end
	return request_id, answer;
end

local function read_answer(request_id, answer)
	local reply = parse_xml(answer);
	if not reply or reply.name ~= "iq" or reply.attr.id ~= request_id then
		return unavailable("an answer to something else");
	end
	if reply.attr.type == "error" then return nil, error_from(reply); end
	return reply.tags[1] or false;
end

-- Asks the daemon: returns the answer's child, or false for an empty answer, or nil and an error as
-- { type, condition, text, code }. Whatever is asked here may be asked twice.
function call(typ, user, child) -- luacheck: ignore 131/call
	local request_id, answer = ask(typ, user, tostring(child));
	if not request_id then return nil, answer; end
	return read_answer(request_id, answer);
end

local no_globals = {};
local entities = { ["&lt;"] = "<", ["&gt;"] = ">", ["&amp;"] = "&", ["&quot;"] = '"', ["&apos;"] = "'" };

local plain_head = '^<iq type="result" id="([^"]*)" from="[^"]*"><%a+ xmlns="'..xmlns..'">()';

-- The id of a plain answer and its text.
local function plain_answer(answer)
	local id_found, from = answer:match(plain_head);
	local to = from and answer:find("<", from, true);
	if to and answer:find("^</%a+></iq>\n?$", to) then return id_found, answer:sub(from, to - 1); end
end

-- The same for a question that is answered by a table. It comes as a literal that the daemon has written, which
-- Lua's own reader takes in a sixth of the time that XML needs, and as most answers look the same, unparsed.
local function fetch(user, payload)
	local request_id, answer = ask("get", user, payload);
	if not request_id then return nil, answer; end
	local found, literal = plain_answer(answer);
	if found ~= request_id then
		local tag, err = read_answer(request_id, answer);
		if not tag then return tag, err; end
		literal = tag:get_text();
	elseif literal:find("&", 1, true) then
		literal = literal:gsub("&%a+;", entities);
	end
	local chunk = load(literal, "=couplet", "t", no_globals);
	local ok, value = pcall(chunk);
	if not ok then return unavailable("a table that cannot be read"); end
	return value;
end

-- The daemon is known to be there again, and has said this of itself.
function reset(hello) -- luacheck: ignore 131/reset
	down_until, greeting = 0, hello;
end

-- Who decides about rosters. It is asked for here, because rosters may be had while there is no link.
function policy() -- luacheck: ignore 131/policy
	if not greeting and monotonic() >= down_until then connect(); end
	return greeting and greeting.rosters or "shared";
end

function module.unload()
	disconnect();
end

-- invite_token -------------------------------------------------------------

local function invite_tag(token)
	return st.stanza("invite", { xmlns = xmlns, token = token });
end

-- Whether this is an admin of the host: they may invite as many as they like.
local function is_admin(jid)
	local username, domain = jid_split(jid);
	if domain ~= host or not username then return false; end
	if usermanager.get_user_role then
		local role = usermanager.get_user_role(username, host);
		return role and (role.name == "prosody:admin" or role.name == "prosody:operator");
	end
	return usermanager.is_admin(username.."@"..host, host); -- COMPAT(prosody 0.12)
end

local function question(name, attr, value)
	if value == nil then return "<"..name.." xmlns='"..xmlns.."'/>"; end
	return "<"..name.." xmlns='"..xmlns.."' "..attr.."='"..xml_escape(value).."'/>";
end

local function seconds(time)
	return ("%d"):format(math.floor(time));
end

local function failed(err)
	module:log("debug", "Couplet: %s", err.text);
	return nil, err.text;
end

local invite_map = {};
invite_map.__index = invite_map;
invite_map.remove = {};

-- A token of the host is a record; one of a user (who invites a contact) is the time that it expires.
function invite_map:get(user, token)
	local found, err = fetch(user, question("invite", "token", token));
	if found == nil then return failed(err); end
	if not found then return nil; end
	if user then return found.expires; end
	return found;
end

function invite_map:set(user, token, data)
	local tag = invite_tag(token);
	local attr = tag.attr;
	if data == nil or data == self.remove then
		attr.remove = "true";
	elseif user then
		attr.expires = seconds(data);
		attr.by_admin = is_admin(user.."@"..host) and "true" or nil;
	else
		attr.type, attr.jid = data.type, data.jid;
		attr.created_at, attr.expires = seconds(data.created_at), seconds(data.expires);
		attr.allow_registration = data.allow_registration and "true" or nil;
		attr.reusable = data.reusable and "true" or nil;
		local source = data.additional_data and data.additional_data.source;
		attr.by_admin = type(source) == "string" and is_admin(source) and "true" or nil;
		tag:text(json.encode(data.additional_data or {}));
	end
	local reply, err = call("set", user, tag);
	if reply == nil then return failed(err); end
	if reply and type(data) == "table" and not data.landing_page then
		data.landing_page = reply.attr.landing_page;
	end
	return true;
end

function invite_map:set_keys(user, records)
	for token, data in pairs(records) do
		local ok, err = self:set(user, token, data);
		if not ok then return nil, err; end
	end
	return true;
end

local invite_keyval = {};
invite_keyval.__index = invite_keyval;

-- The host's pending invites, for listing. Prosody waits meanwhile: the newest few thousand will do.
function invite_keyval:get(user)
	local records, before = {}, nil;
	if user then return records; end
	for _ = 1, 25 do
		local page, err = fetch(nil, question("invites", "before", before));
		if not page then return failed(err); end
		for _, record in ipairs(page.records) do
			records[record.token] = record;
		end
		if not page.next then return records; end
		before = ("%d"):format(page.next);
	end
	module:log("warn", "Listing the newest invites only; `couplet invites list %s` has them all", host);
	return records;
end

function invite_keyval:set()
	return nil, "Couplet keeps invites one by one";
end

function invite_keyval:users()
	return function () end;
end

-- Links lead to Couplet's page, for contact invites too, which mod_invites keeps as a mere number.
module:hook("invite-created", function (invite)
	if invite.landing_page then return; end
	if not socket and monotonic() >= down_until then connect(); end
	if greeting and greeting.landing_page then
		invite.landing_page = greeting.landing_page..invite.token;
	end
end);

-- roster --------------------------------------------------------------------

stale = {}; -- users whose roster in memory may not be what is kept -- luacheck: ignore 111/stale 112/stale 113/stale

-- rostermanager takes a roster that could not be loaded for an empty one, and remembers it.
local function forget_cached()
	add_task(0, function ()
		local hosts = prosody.hosts;
		if hosts and hosts[host] then hosts[host].roster_cache = nil; end
	end);
end

-- What is in memory may now be something that was never kept: it gets a version that nobody else has, so that no
-- client which hears of it believes to have the real one.
local function not_saved(user, meta, err)
	if meta then meta.version = -os.time(); end
	stale[user] = true;
	module:fire_event("couplet-roster-stale", { username = user });
	return failed(err);
end

-- What rostermanager remembers of somebody is not what is kept any more.
function forget_roster(user) -- luacheck: ignore 131/forget_roster
	local cache = prosody.hosts[host].roster_cache;
	if cache then cache:set(user.."@"..host, nil); end
end

local roster_keyval = { couplet = true };
roster_keyval.__index = roster_keyval;

function roster_keyval:get(user)
	local roster, err = fetch(user, "<roster xmlns='"..xmlns.."'/>");
	if roster == nil then
		forget_cached();
		return failed(err);
	end
	-- With no version the first would be taken for the one that clients are told for no roster at all: 1.
	if not roster then return { [false] = { version = 0, pending = {} } }; end
	local pending = roster[false].pending;
	for jid, request in pairs(pending) do
		local stanza = request ~= true and parse_xml(request);
		pending[jid] = stanza and st.preserialize(stanza) or true;
	end
	return roster;
end

local longest_request, most_requests = 1000, 300; -- bytes; strangers must not fill the line that saves a roster

local function requests(pending)
	local all, count = {}, 0;
	for jid, request in pairs(pending) do
		local text = type(request) == "table" and tostring(st.deserialize(request)) or nil;
		all[jid] = text and #text <= longest_request and text or true;
		count = count + 1;
		if count == most_requests then break; end
	end
	return all;
end

local function version_of(meta)
	return seconds(math.max(0, tonumber(meta and meta.version) or 0));
end

local roster_map = { couplet = true, remove = {} };
roster_map.__index = roster_map;

function roster_map:get(user, jid)
	local roster, err = roster_keyval:get(user);
	if not roster then return nil, err; end
	return roster[jid];
end

function roster_map:set(user, jid, item)
	return self:set_keys(user, { [jid] = item == nil and self.remove or item });
end

-- What clients have chosen is never a key of JSON: Prosody's encoder gives some of them a meaning.
local function item_pair(jid, item)
	if not item then return { jid, false }; end
	-- What was granted in advance is made use of. Core would grant it again to who was cancelled since.
	if item.subscription == "from" or item.subscription == "both" then item.approved = nil; end
	local groups = {};
	for group in pairs(item.groups or {}) do table.insert(groups, group); end
	return { jid, {
		name = item.name, subscription = item.subscription, ask = item.ask, approved = item.approved, groups = groups;
	} };
end

-- What changes is all that goes over the wire: a contact or two, and the metadata.
function roster_map:set_keys(user, changes)
	local items, meta = {}, changes[false];
	for jid, item in pairs(changes) do
		if jid then table.insert(items, item_pair(jid, item ~= self.remove and item)); end
	end
	local delta = { items = items, pending = meta and requests(meta.pending or {}) };
	local tag = st.stanza("roster", { xmlns = xmlns, version = version_of(meta) }):text(json.encode(delta));
	local reply, err = call("set", user, tag);
	if reply == nil then return not_saved(user, meta, err); end
	return true;
end

-- A whole roster, in as many lines as it takes.
function roster_keyval:set(user, roster)
	if not roster then
		local reply, err = call("set", user, st.stanza("roster", { xmlns = xmlns, remove = "true" }));
		if reply == nil then return not_saved(user, nil, err); end
		return true;
	end
	local meta = roster[false] or {};
	local pending = json.encode(requests(meta.pending or {}));
	local parts, size, replace = {}, 0, "true";
	local function send()
		local text = '{"items":['..table.concat(parts, ",")..'],"pending":'..pending.."}";
		local tag = st.stanza("roster", { xmlns = xmlns, version = version_of(meta), replace = replace }):text(text);
		parts, size, replace = {}, 0, nil;
		return call("set", user, tag);
	end
	for jid, item in pairs(roster) do
		if jid then
			parts[#parts + 1] = json.encode(item_pair(jid, item));
			size = size + #parts[#parts];
		end
		if size > 100000 then
			local reply, err = send();
			if reply == nil then return not_saved(user, meta, err); end
		end
	end
	if replace or size > 0 then
		local reply, err = send();
		if reply == nil then return not_saved(user, meta, err); end
	end
	return true;
end

function roster_keyval:users()
	local page, at = {}, 0;
	return function ()
		if page.users and not page.users[at + 1] then
			if not page.next then return nil; end
			page.users = nil;
		end
		if not page.users then
			page, at = fetch(nil, question("rosters", "after", page.next)) or {}, 0;
			if not page.users then return nil; end
		end
		at = at + 1;
		return page.users[at];
	end
end

-- The roster as it is kept now.
function read_roster(user) -- luacheck: ignore 131/read_roster
	return roster_keyval:get(user);
end

-- The driver ---------------------------------------------------------------

local stores = {
	invite_token = { map = invite_map, keyval = invite_keyval };
	roster = { map = roster_map, keyval = roster_keyval };
};

local driver = {};

function driver:open(store, typ)
	local kinds = stores[store];
	if not kinds then
		module:log("error", "Couplet does not keep the store %q: name another driver for it in `storage`", store);
		return nil, "unsupported-store";
	end
	local kind = kinds[typ or "keyval"];
	if not kind then return nil, "unsupported-store"; end
	return setmetatable({}, kind);
end

-- Deleted accounts that the daemon could not be told of: whoever gets their names is not to get what they had. They
-- are on disk, because prosodyctl may be who deletes, and Prosody may be restarted before the daemon is back.
local function unpurged()
	local store = module:open_store("couplet_unpurged");
	return store, store and store:get() or {};
end

-- Returns whether there is nothing to be told later.
local function purge(user)
	local reply, err = call("set", user, st.stanza("purge", { xmlns = xmlns }));
	if reply == nil then module:log("warn", "Could not purge what %s had in Couplet: %s", user, err.text); end
	return reply ~= nil or err.type ~= "wait", err;
end

-- Tells what is to be told still; returns whether that is all of it.
function purge_again() -- luacheck: ignore 131/purge_again
	local store, users = unpurged();
	if not next(users) then return true; end
	for user in pairs(users) do
		if not purge(user) then return false; end
		users[user] = nil;
	end
	return store:set(nil, nil);
end

-- An account is deleted, or about to be made: what is in these stores under its name goes.
function driver:purge(user)
	local done, err = purge(user);
	if done then return true; end
	disconnect(); -- nothing more is said before this
	local store, users = unpurged();
	users[user] = true;
	if store then store:set(nil, users); end
	return failed(err);
end

function purge_account(user) -- luacheck: ignore 131/purge_account
	return driver:purge(user);
end

function driver:stores()
	return function () end;
end

module:provides("storage", driver);
