-- For wrk: what it measured, as one line of JSON. With a file of paths, one a line, they are asked for in turn.

function init(args)
	if not args[1] then return; end
	local requests, at = {}, 0;
	for path in io.lines(args[1]) do
		requests[#requests + 1] = wrk.format(nil, path);
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
