-- For wrk: what it measured, as one line of JSON. With a file of paths, one a line, they are asked for in turn; behind
-- a path and a tab, each may have an Authorization header of its own. COUNT in a body is another number each time.

local function headers_with(authorization)
	local headers = {};
	for name, value in pairs(wrk.headers) do headers[name] = value; end
	if authorization ~= "" then headers.Authorization = authorization; end
	return headers;
end

function init(args)
	local file, method, body = args[1], args[2], args[3];
	wrk.method = method or wrk.method;
	if file == "" then return; end
	local requests, at, count = {}, 0, 0;
	for line in io.lines(file) do
		local path, authorization = line:match("^([^\t]*)\t?(.*)$");
		local headers = headers_with(authorization);
		requests[#requests + 1] = body and { path = path, headers = headers } or wrk.format(nil, path, headers);
	end
	function request()
		at = at % #requests + 1;
		local next = requests[at];
		if not body then return next; end
		count = count + 1;
		return wrk.format(nil, next.path, next.headers, (body:gsub("COUNT", count)));
	end
end

function done(summary, latency)
	local errors = summary.errors;
	io.write(("\nJSON {\"requests\":%d,\"bytes\":%d,\"duration\":%d,\"p50\":%d,\"p99\":%d,\"longest\":%d,"):format(
		summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99), latency.max
	), ("\"refused\":%d,\"lost\":%d,\"late\":%d}\n"):format(
		errors.status, errors.connect + errors.read + errors.write, errors.timeout
	));
end
