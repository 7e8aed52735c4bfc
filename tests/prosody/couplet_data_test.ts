import assert from "node:assert/strict";
import { repository } from "../e2e/process.ts";

// COMPAT(prosody): its own libraries, and the rest of it as little as the module asks for.
const stage = `
package.path, package.cpath = "/usr/lib/prosody/?.lua;"..package.path, "/usr/lib/prosody/?.so;"..package.cpath;
local now = 0;
package.loaded["util.time"] = { monotonic = function () return now; end, now = os.time };
local stores, provider, checks, reads = { accounts = {} }, "internal_hashed", 0, 0;
package.loaded["core.usermanager"] = {
	get_provider = function () return { name = provider }; end;
	is_admin = function () return false; end;
	user_exists = function (user) return stores.accounts[user] ~= nil; end;
	test_password = function (user, _, password)
		checks = checks + 1;
		return stores.accounts[user] and stores.accounts[user].password == password;
	end;
};
package.loaded["core.storagemanager"] = {
	get_driver = function () return nil, "memory"; end;
	open = function (_, name)
		return { get = function (_, user)
			if name == "accounts" then reads = reads + 1; end
			return stores[name] and stores[name][user];
		end };
	end;
};
module = {
	host = "example.org", hook_global = function () end, log = function (_, ...) print(...); end,
	get_option_number = function (_, _, usual) return usual; end;
};
local answer_all = dofile(arg[1]);
local function ask(call) return answer_all { call }; end
local function told(value)
	stores.accounts.u, stores.s = {}, { u = value };
	local word, text = ask({ call = "get", user = "u", store = "s" }):match("^(%S+) (.*)$");
	assert(word == "value", word);
	return text;
end
local function login(call)
	call.as, call.proof = "u", "a proof";
	return ask(call);
end
local function check() return ask { call = "check", user = "u", password = "p", proof = "a proof" }; end
`;

const hasLua = await Deno.stat("/usr/lib/prosody/util/serialization.lua").then(() => true, () => false);

/** Runs this with the module on a stage; an error in it is one of the test. */
function inLua(name: string, program: string): void {
  Deno.test({
    name,
    ignore: !hasLua,
    async fn() {
      const script = await Deno.makeTempFile();
      await Deno.writeTextFile(script, stage + program);
      const args = [script, `${repository}src/prosody/lua/couplet_data.lib.lua`];
      const { success, stdout, stderr } = await new Deno.Command("lua5.4", { args }).output();
      await Deno.remove(script);
      const text = new TextDecoder();
      assert.ok(success, text.decode(stdout) + text.decode(stderr));
    },
  });
}

inLua(
  "what Prosody tells of a value is read as the same, in one order, and is plain ASCII",
  `
local serialize = require "util.serialization".new "compact";
math.randomseed(7);
local words = { "a", "end", "of it", "<&>", "\\195\\188", "\\0\\n\\255", "_1", "2x", "" };
local function random(depth)
	local kind = math.random(depth > 3 and 4 or 6);
	if kind == 1 then return words[math.random(#words)]; end
	if kind == 2 then return math.random(-5, 5); end
	if kind == 3 then return ({ 0.1, -1.5, 1/0, -1/0, 2^53, 1e300 })[math.random(6)]; end
	if kind == 4 then return math.random(2) == 1; end
	local t = {};
	for i = 1, math.random(0, 4) do t[i] = random(depth + 1); end
	for _ = 1, kind == 6 and math.random(4) or 0 do
		local key = random(9);
		t[key] = random(depth + 1);
	end
	return t;
end
local function same(a, b)
	if type(a) ~= "table" then return a == b; end
	for k, v in pairs(a) do if not same(v, b[k]) then return false; end end
	for k in pairs(b) do if a[k] == nil then return false; end end
	return true;
end
local function shuffled(t)
	if type(t) ~= "table" then return t; end
	local keys, copy = {}, {};
	for key in pairs(t) do table.insert(keys, math.random(#keys + 1), key); end
	for _, key in ipairs(keys) do copy[key] = shuffled(t[key]); end
	return copy;
end
for _ = 1, 3000 do
	local value = { x = random(0) };
	local text = told(value);
	assert(same(value, load("return "..text, "x", "t", {})()), text);
	assert(not text:find("[^ -~]") and not text:find("[<>&]"), text);
	assert(told(shuffled(value)) == text, text);
end
-- As Prosody's serializer has it, where there is but one order.
for _, value in ipairs { { 1, 2, 3 }, { a = {} }, { ["and"] = 1 }, { ["b c"] = "'" }, { { x = 1.5 }, "two" } } do
	assert(told(value) == (serialize(value)), told(value));
end
local loop = {};
loop.loop = loop;
stores.s = { u = loop };
assert(ask { call = "get", user = "u", store = "s" } == "failed");
`,
);

inLua(
  "a password is known as long as it is used and the account is what it was",
  `
stores.accounts.u = { password = "p" };
assert(login { call = "nothing" } == "stranger");
assert(check() == "done" and checks == 1);
for _ = 1, 10 do
	now = now + 50;
	assert(login { call = "nothing" } == "done");
end
assert(checks == 1);
now = now + 61;
assert(login { call = "nothing" } == "stranger");
check();
stores.accounts.u = { password = "p", disabled = true };
assert(login { call = "nothing" } == "stranger");
`,
);

inLua(
  "where the account cannot be looked at, a password is known for a minute, used or not",
  `
provider = "ldap";
stores.accounts.u = { password = "p" };
assert(check() == "done");
now = 50;
assert(login { call = "nothing" } == "done");
now = 61;
assert(login { call = "nothing" } == "stranger");
`,
);

inLua(
  "many calls of a user in one line look at the account once, and the next line looks again",
  `
stores.accounts.u = { password = "p" };
check();
local function line()
	local list = {};
	for i = 1, 5 do list[i] = { call = "get", user = "u", store = "s"..i, as = "u", proof = "a proof" }; end
	reads = 0;
	return answer_all(list);
end
assert(line() == ("nothing\\t"):rep(5):sub(1, -2) and reads == 1, reads);
stores.accounts.u = { password = "another" };
assert(line() == ("stranger\\t"):rep(5):sub(1, -2) and reads == 1, reads);
`,
);

inLua(
  "what only admins may do is nobody's who says no name",
  `
stores.accounts.u = {};
assert(ask { call = "get", user = "u", store = "s", admin = true } == "forbidden");
`,
);
