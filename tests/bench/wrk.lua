-- For wrk: what it measured, as one line of JSON. With a file of paths, one a line, they are asked for in turn; behind
-- a path and a tab, each may have an Authorization header of its own.

function init(args)
	local file, method, body = args[1], args[2], args[3];
	wrk.method, wrk.body = method or wrk.method, body;
	if not file or file == "" then return; end
	local requests, at = {}, 0;
	for line in io.lines(file) do
		local path, authorization = line:match("^([^\t]*)\t?(.*)$");
		local headers = {};
		for name, value in pairs(wrk.headers) do headers[name] = value; end
		if authorization ~= "" then headers.Authorization = authorization; end
		requests[#requests + 1] = wrk.format(nil, path, headers);
	end
	function request()
		at = at % #requests + 1;
		return requests[at];
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
