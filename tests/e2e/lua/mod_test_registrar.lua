-- Somebody who has a say about registrations after everybody else, by how a name begins: thinks about it while nothing
-- else happens, or while everything else does; refuses it; fails.

local sleep = require "socket".sleep;
local async = require "util.async";
local add_task = require "util.timer".add_task;

local ways = {};

function ways.slow(event)
	module:log("info", "Thinking about %s", event.username);
	sleep(1.5);
end

function ways.async()
	local wait, done = async.waiter();
	add_task(0.1, done);
	wait();
end

function ways.refused(event)
	event.allowed, event.reason = false, "Not this one <b>";
end

function ways.crash()
	error("This is what a test wants");
end

module:hook("user-registering", function (event)
	local way = ways[event.username:match("^%a+")];
	if way then way(event); end
end, -200);
