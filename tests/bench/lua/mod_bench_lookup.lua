-- For the benchmark `lookup`: how long Prosody waits for an invite, whatever driver keeps invite_token.
-- Keeps `bench_invites` invites through the store, reads them in turn, and logs what that took as JSON.

local now = require "util.time".monotonic;
local long_id = require "util.id".long;
local json = require "util.json";

local unix = require "socket.unix";

local echo_path = module:get_option_string("bench_echo");
local invites = module:get_option_number("bench_invites", 100);
local lookups = module:get_option_number("bench_lookups", 5000);

local function fill(store)
	local tokens = {};
	for i = 1, invites do
		local token = long_id();
		tokens[i] = token;
		assert(store:set(nil, token, {
			type = "register"; token = token; jid = module.host; allow_registration = true;
			uri = "xmpp:"..module.host.."?register;preauth="..token;
			created_at = os.time(); expires = os.time() + 604800;
			additional_data = { source = "bench" };
		}));
	end
	return tokens;
end

-- Microseconds of each lookup, in order of length.
local function measure(store, tokens)
	local times = {};
	for i = 1, lookups do
		local token = tokens[i % #tokens + 1];
		local start = now();
		local record = store:get(nil, token);
		times[i] = (now() - start) * 1e6;
		assert(record and record.token == token, "not the invite that was asked for");
	end
	table.sort(times);
	return times;
end

-- The same for one line there and back, with nobody thinking in between, and both asleep until their turn.
local function measure_echo()
	local s = (type(unix) == "table" and unix.stream or unix)();
	assert(s:connect(echo_path));
	local times = {};
	for i = 1, lookups do
		local start = now();
		s:send("echo\n");
		s:receive("*l");
		times[i] = (now() - start) * 1e6;
	end
	s:close();
	table.sort(times);
	return times;
end

module:hook_global("server-started", function ()
	local echo = echo_path and measure_echo();
	local store = module:open_store("invite_token", "map");
	local tokens = fill(store);
	measure(store, tokens); -- to warm up
	local times = measure(store, tokens);
	local sum = 0;
	for _, time in ipairs(times) do sum = sum + time; end
	module:log("info", "Lookups: %s", json.encode({
		p50 = times[math.ceil(#times * 0.5)]; p99 = times[math.ceil(#times * 0.99)]; mean = sum / #times;
		echo = echo and echo[math.ceil(#echo * 0.5)];
	}));
end);
