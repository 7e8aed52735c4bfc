-- Couplet's storage driver: what core modules of Prosody keep in these stores is kept by the daemon.
--   storage = { invite_token = "couplet" }
-- Each call asks over a Unix socket and waits, as the SQL driver waits for its database.
-- luacheck: ignore 212/self

local unix = require "socket.unix";
local json = require "util.json";
local st = require "util.stanza";
local id = require "util.id";
local parse_xml = require "util.xml".parse;
local monotonic = require "util.time".monotonic;

local xmlns = "urn:couplet:control:1";
local xmlns_stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";

local host = module.host;
local path = module:get_option_string("couplet_socket", "/run/couplet/control.sock");
local timeout = module:get_option_number("couplet_timeout", 1);
local pause = module:get_option_number("couplet_pause", 5); -- how long not to ask a daemon that did not answer

local socket, greeting;
local down_until = 0;

local function disconnect()
	if socket then
		socket:close();
		socket = nil;
	end
end

local function exchange(line)
	local ok, err = socket:send(line);
	if not ok then return nil, err; end
	return socket:receive("*l");
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

local function unavailable(reason)
	module:log("error", "Couplet does not answer on %s (%s); not asking again for %d seconds", path, reason, pause);
	disconnect();
	down_until = monotonic() + pause;
	return nil, { type = "wait", condition = "internal-server-error", code = "unavailable", text = "Try again later" };
end

-- Asks the daemon: returns the answer's child, or false for an empty answer, or nil and an error as
-- { type, condition, text, code }. Whatever is asked here may be asked twice.
function call(typ, user, child) -- luacheck: ignore 131/call
	if monotonic() < down_until then
		return nil, { type = "wait", condition = "internal-server-error", code = "unavailable", text = "Try again later" };
	end
	local request_id = id.short();
	local request = st.iq({ type = typ, id = request_id, to = user and user.."@"..host or host }):add_child(child);
	local line, reused = to_line(request), socket ~= nil;
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
	local reply = parse_xml(answer);
	if not reply or reply.name ~= "iq" or reply.attr.id ~= request_id then
		return unavailable("an answer to something else");
	end
	if reply.attr.type == "error" then return nil, error_from(reply); end
	return reply.tags[1] or false;
end

-- The daemon is known to be there again.
function reset() -- luacheck: ignore 131/reset
	down_until = 0;
end

function module.unload()
	disconnect();
end

-- invite_token -------------------------------------------------------------

local function invite_tag(token)
	return st.stanza("invite", { xmlns = xmlns, token = token });
end

local function to_record(tag)
	local attr = tag.attr;
	return {
		token = attr.token;
		type = attr.type;
		jid = attr.jid;
		uri = attr.uri;
		landing_page = attr.landing_page;
		created_at = tonumber(attr.created_at);
		expires = tonumber(attr.expires);
		allow_registration = attr.allow_registration == "true";
		reusable = attr.reusable == "true" or nil;
		additional_data = json.decode(tag:get_text());
	};
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
	local tag, err = call("get", user, invite_tag(token));
	if tag == nil then return failed(err); end
	if not tag then return nil; end
	if user then return tonumber(tag.attr.expires); end
	return to_record(tag);
end

function invite_map:set(user, token, data)
	local tag = invite_tag(token);
	local attr = tag.attr;
	if data == nil or data == self.remove then
		attr.remove = "true";
	elseif user then
		attr.expires = seconds(data);
	else
		attr.type, attr.jid = data.type, data.jid;
		attr.created_at, attr.expires = seconds(data.created_at), seconds(data.expires);
		attr.allow_registration = data.allow_registration and "true" or nil;
		attr.reusable = data.reusable and "true" or nil;
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
		local tag, err = call("get", nil, st.stanza("invites", { xmlns = xmlns, before = before }));
		if tag == nil then return failed(err); end
		for item in tag:childtags("invite", xmlns) do
			records[item.attr.token] = to_record(item);
		end
		before = tag.attr.next;
		if not before then return records; end
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

-- The driver ---------------------------------------------------------------

local stores = {
	invite_token = { map = invite_map, keyval = invite_keyval };
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

-- An account is deleted: what it had in these stores goes too.
function driver:purge(user)
	local reply, err = call("set", user, st.stanza("purge", { xmlns = xmlns }));
	if reply == nil then return failed(err); end
	return true;
end

function driver:stores()
	return function () end;
end

module:provides("storage", driver);
