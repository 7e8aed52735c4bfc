-- For tests: other servers are on ports of this machine, and nobody asks DNS.

module:set_global();

local basic = require "net.resolvers.basic";
local manual = require "net.resolvers.manual";
local service = require "net.resolvers.service";

local routes = module:get_option("test_routes", {});

-- COMPAT(prosody 0.12): there is no event before mod_s2s connects.
service.new = function (hostname, _, conn_type, extra)
	local port = routes[hostname];
	if not port then return manual.new({}, conn_type, extra); end
	return basic.new("127.0.0.1", port, conn_type, extra);
end
