-- Somebody who thinks about every registration of a name that begins with "slow", after everybody else, for as long as
-- a test needs to do something meanwhile.

local sleep = require "socket".sleep;

module:hook("user-registering", function (event)
	if event.username:find("^slow") then
		module:log("info", "Thinking about %s", event.username);
		sleep(1.5);
	end
end, -200);
