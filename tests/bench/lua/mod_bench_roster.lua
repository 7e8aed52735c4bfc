-- For the benchmark `roster-lookup`: how long Prosody waits for a roster, whatever driver keeps it.
-- Keeps `bench_users` rosters of each size through the store, reads them in turn, and logs what that took as JSON.

local now = require "util.time".monotonic;
local json = require "util.json";

local users = module:get_option_number("bench_users", 200);
local lookups = module:get_option_number("bench_lookups", 3000);

local function roster(size)
	local contacts = { [false] = { version = 1, pending = {} } };
	for i = 1, size do
		contacts[("contact%d@%s"):format(i, module.host)] = {
			name = "Contact Number "..i; subscription = "both"; groups = { Friends = true; ["Group "..i % 7] = true };
		};
	end
	return contacts;
end

local function count(contacts)
	local n = 0;
	for jid, item in pairs(contacts) do
		if jid and item.groups.Friends and item.subscription == "both" then n = n + 1; end
	end
	return n;
end

-- Microseconds of each lookup, in order of length.
local function measure(store, size)
	local times = {};
	for i = 1, lookups do
		local user = ("u%d-%d"):format(size, i % users);
		local start = now();
		local contacts = store:get(user);
		times[i] = (now() - start) * 1e6;
		assert(count(contacts) == size, "not the roster that was asked for");
	end
	table.sort(times);
	return times;
end

local function mean(times)
	local sum = 0;
	for _, time in ipairs(times) do sum = sum + time; end
	return sum / #times;
end

module:hook_global("server-started", function ()
	local store = module:open_store("roster");
	local found = {};
	for _, size in ipairs { 5, 50, 500 } do
		local contacts = roster(size);
		for i = 0, users - 1 do assert(store:set(("u%d-%d"):format(size, i), contacts)); end
		local first = measure(store, size); -- each roster for the first time, and again
		local times = measure(store, size);
		found[tostring(size)] = {
			first = first[math.ceil(#first * 0.5)]; p50 = times[math.ceil(#times * 0.5)];
			p99 = times[math.ceil(#times * 0.99)]; mean = mean(times);
		};
	end
	module:log("info", "Rosters: %s", json.encode(found));
end);
