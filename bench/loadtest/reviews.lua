-- wrk script: posts the TokenReviews of a file, one JSON body a line, each thread round and round from a place of its
-- own. Prints one line, "RESULT {...}", at the end. The file's name comes in ARNGATE_BENCH_BODIES.

local threads_made = 0

function setup(thread)
    thread:set("number", threads_made)
    threads_made = threads_made + 1
end

function init()
    requests = {}
    local headers = { ["Content-Type"] = "application/json" }
    for body in io.lines(os.getenv("ARNGATE_BENCH_BODIES")) do
        requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    end
    -- Threads start far apart, so that two of them do not send the same token at the same time.
    position = math.floor(#requests / 7) * number
end

function request()
    position = position % #requests + 1
    return requests[position]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"seconds":%.6f,"errors":%d,"p50_us":%d,"p99_us":%d,"max_us":%d}\n',
        summary.requests,
        summary.duration / 1e6,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50),
        latency:percentile(99),
        latency.max
    ))
end
