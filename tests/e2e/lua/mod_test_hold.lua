-- Holds a registration between the account and the count of the invite's use, until a test has done what it wants to.

local sleep = require "socket".sleep;
local folder = module:get_option_string("test_hold");

local function exists(name)
	local file = io.open(folder.."/"..name);
	if file then file:close(); end
	return file ~= nil;
end

module:hook("user-registered", function ()
	if exists("go") then return; end
	io.open(folder.."/held", "w"):close();
	for _ = 1, 500 do
		if exists("go") then return; end
		sleep(0.02);
	end
end, 1000);
