-- What users have stored, for the daemon: read and written through Prosody's storage manager, whatever it keeps things
-- in. Part of mod_couplet. It carries questions and decides nothing.

local new_serializer = require "util.serialization".new;
local hashes = require "util.hashes";
local new_cache = require "util.cache".new;
local new_id = require "util.id".long;
local st = require "util.stanza";
local monotonic = require "util.time".monotonic;
local usermanager = require "core.usermanager";
local storagemanager = require "core.storagemanager";

local host = module.host;
local math_type = math.type or function (n) -- COMPAT(lua5.1)
	return type(n) == "number" and n % 1 == 0 and "integer";
end

local most_text = 1000000; -- bytes of values in one answer: a line may have 2^20
local most_items = 1000; -- of a list
local longest = 0.01; -- seconds after which no further call of a line begins: Prosody does nothing else meanwhile

-- Values as text ------------------------------------------------------------

local leaf = new_serializer "compact";
local deepest = 127; -- tables within each other
local most_pieces = 2000000; -- of what is written: a table may hold itself
local words = {}; -- Lua 5.4, 3.1: these may not stand there bare
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true "
	.."until while"):gmatch("%a+") do words[word] = true; end

local rank = { number = 1, string = 2, boolean = 3 };

local function before(one, other)
	local type_of_one, type_of_other = type(one), type(other);
	if type_of_one ~= type_of_other then return rank[type_of_one] < rank[type_of_other]; end
	if type_of_one == "boolean" then return one and not other; end
	return one < other;
end

local function key_text(key)
	if type(key) == "string" and not words[key] and key:find("^[%a_][%w_]*$") then return key.."="; end
	return "["..leaf(key).."]=";
end

local pieces = {};
local write_table;

local function write(value, n, depth)
	if type(value) == "table" then return write_table(value, n, depth + 1); end
	pieces[n + 1] = leaf(value);
	return n + 1;
end

-- As Prosody's serializer does with its preset "compact", and always in the same order, so that equal values are equal
-- texts: lists, then other numbers, strings and booleans. It leaves a tenth of the garbage, which was most of the cost.
function write_table(t, n, depth)
	if depth > deepest or n > most_pieces then error("There is too much in this value"); end
	local listed, keys, order = 0, nil, nil;
	while t[listed + 1] ~= nil do
		pieces[n + 1] = listed == 0 and "{" or ";";
		listed = listed + 1;
		n = write(t[listed], n + 1, depth);
	end
	for key in next, t do
		if not (math_type(key) == "integer" and key >= 1 and key <= listed) then
			keys = keys or {};
			keys[#keys + 1] = key;
			if type(key) ~= "string" then order = before; end -- without one, sorting takes a third
		end
	end
	if keys then table.sort(keys, order); end
	for i, key in ipairs(keys or {}) do
		pieces[n + 1], pieces[n + 2] = listed == 0 and i == 1 and "{" or ";", key_text(key);
		n = write(t[key], n + 2, depth);
	end
	pieces[n + 1] = listed == 0 and not keys and "{}" or "}";
	return n + 1;
end

local function serialize(value)
	return table.concat(pieces, "", 1, write(value, 0, 0));
end

local markup = { ["<"] = "\\060", [">"] = "\\062", ["&"] = "\\038" };

-- Pure ASCII, and nothing that XML would write otherwise: such characters stand in strings alone.
local function to_text(value)
	if value == nil or type(value) == "table" and next(value) == nil then return ""; end
	return (serialize(value):gsub("[<>&]", markup));
end

-- Who asks ------------------------------------------------------------------

local function is_in_files(name)
	local _, driver = storagemanager.get_driver(host, name);
	return driver == "internal";
end

-- A password that was right is remembered for a while, as a proof that only the daemon can make of it again.
local remembered = new_cache(10000);
-- Seconds; it must last until what it was checked for has been asked again.
local lifetime = math.max(1, module:get_option_number("couplet_remember_password", 60));
local accounts = storagemanager.open(host, "accounts", "keyval");
local accounts_in_files = is_in_files("accounts");
local account_key = new_id();

-- What was opened or looked up for one line of calls: nothing else happens in Prosody meanwhile.
local opened, states = {}, {};

-- An account in some form. Prosody's own file of it is not run: that would take twice as long.
local function read_account(username)
	if not accounts_in_files then
		local account = accounts:get(username);
		return account and serialize(account);
	end
	local file = io.open(storagemanager.olddm.getpath(username, host, "accounts", "dat"), "rb");
	local text = file and file:read("*a");
	if file then file:close(); end
	return text;
end

-- What changes when the password does, when the account is disabled and when it is gone, whoever did it.
local function account_state(username)
	local provider = usermanager.get_provider(host);
	if provider.name == "internal_hashed" or provider.name == "internal_plain" then
		if states[username] == nil then
			local account = read_account(username);
			states[username] = account and hashes.hmac_sha256(account_key, account);
		end
		return states[username];
	end
	return usermanager.user_exists(username, host) and "exists" or nil;
end

local function forget(event)
	if event.host == host then remembered:set(event.username, nil); end
end

for _, event in ipairs { "user-password-changed", "user-disabled", "user-deleted" } do
	module:hook_global(event, forget);
end

local function is_known(username, proof)
	local known, now = remembered:get(username), monotonic();
	if not known or known.proof ~= proof or known.ends <= now then return false; end
	if known.state ~= account_state(username) then return false; end
	if known.state ~= "exists" then known.ends = now + lifetime; end -- to check it again would say the same
	return true;
end

local function is_admin(username)
	if usermanager.get_user_role then
		local role = usermanager.get_user_role(username, host);
		return role and (role.name == "prosody:admin" or role.name == "prosody:operator");
	end
	return usermanager.is_admin(username.."@"..host, host); -- COMPAT(prosody 0.12)
end

local function check_password(username, password, proof)
	-- mod_auth_internal_plain fails when asked for somebody who is not there.
	if not account_state(username) then return false; end
	if not usermanager.test_password(username, host, password) then return false; end
	if usermanager.user_is_enabled then
		local is_enabled, err = usermanager.user_is_enabled(username, host);
		-- Prosody 13 says so of every provider that cannot disable anybody.
		if not is_enabled and err ~= "method not implemented" then return false; end
	end
	states = {}; -- it may just have been hashed
	local state = account_state(username);
	if state then
		remembered:set(username, { proof = proof, ends = monotonic() + lifetime, state = state });
	end
	return true;
end

-- Stores --------------------------------------------------------------------

local function open(name)
	local store = opened[name] or assert(storagemanager.open(host, name, "keyval"));
	opened[name] = store;
	return store;
end

-- Beside whole values there are lists. Prosody's own files keep them as lists of anything, other storage as archives
-- of stanzas: both are shown as the files have them.
local function read_list(username, name)
	if is_in_files(name) then
		local items, err = storagemanager.olddm.list_load(username, host, name);
		if not items and err then error(err); end
		return items;
	end
	local archive = storagemanager.open(host, name, "archive");
	if not archive or not archive.find then return; end
	local find, err = archive:find(username, { limit = most_items });
	if not find then error(err); end
	local items = {};
	for id, stanza, when, with in find do
		local item = st.is_stanza(stanza) and st.preserialize(stanza) or stanza;
		if type(item) == "table" then item.key, item.when, item.with = id, when, with; end
		table.insert(items, item);
	end
	return items;
end

local function remove_list(username, name)
	if is_in_files(name) then
		return storagemanager.olddm.list_store(username, host, name, nil);
	end
	local archive = storagemanager.open(host, name, "archive");
	if archive and archive.delete then return archive:delete(username); end
end

local function read_value(username, name)
	local value, err = open(name):get(username);
	if value == nil and err then error(err); end
	return to_text(value), value;
end

-- Calls ---------------------------------------------------------------------
-- Each answers a word, and some a text.

local calls = {};

function calls.nothing()
	return "done";
end

function calls.check(call)
	return check_password(call.user, call.password, call.proof) and "done" or "stranger";
end

function calls.get(call)
	local text = read_value(call.user, call.store);
	if text ~= "" then return "value", text; end
	text = to_text(read_list(call.user, call.store));
	if text ~= "" then return "list", text; end
	return "nothing";
end

-- A value takes the place of another only if that is still what it was, and if this storage keeps it as it is: some
-- cut digits or leave out what they have no word for.
function calls.set(call)
	local text = to_text(call.value);
	if #text > most_text then return "too-large"; end -- nobody could read it
	local found, old = read_value(call.user, call.store);
	local is_list = found == "";
	if is_list then found = to_text(read_list(call.user, call.store)); end
	if hashes.sha256(found, true) ~= call.was then return "changed"; end
	local store = open(call.store);
	states = {}; -- it may be an account
	assert(store:set(call.user, call.value));
	if read_value(call.user, call.store) ~= text then
		assert(store:set(call.user, old));
		return "altered";
	end
	if is_list and found ~= "" then remove_list(call.user, call.store); end
	return "done", hashes.sha256(text, true);
end

local function answer(call)
	local asker = call.as;
	if asker and not is_known(asker, call.proof) then return "stranger"; end
	if call.admin and not (asker and is_admin(asker)) then return "forbidden"; end
	if call.store and asker ~= call.user and not usermanager.user_exists(call.user, host) then return "no-user"; end
	return calls[call.call](call);
end

local function try(call)
	local ok, word, text = pcall(answer, call);
	if ok then return word, text; end
	module:log("error", "Could not %s the store %q for Couplet: %s", call.call, call.store or "-", word);
	return "failed";
end

-- Many questions come in one line, and go back in one: words and texts, with tabs between.
local function answer_all(list)
	local answers, size, began = {}, 0, monotonic();
	opened, states, pieces = {}, {}, {};
	for i, call in ipairs(list) do
		local word, text = "later", nil;
		if size < most_text and (i == 1 or monotonic() - began < longest) then word, text = try(call); end
		local more = text and #text or 0;
		if more > most_text then word, text, more = "too-large", nil, 0; end
		-- Not what was done: it would be done again.
		if word ~= "done" and size > 0 and size + more > most_text then
			word, text, more, size = "later", nil, 0, most_text;
		end
		size = size + more;
		answers[i] = text and word.." "..text or word;
	end
	return table.concat(answers, "\t");
end

return answer_all;
