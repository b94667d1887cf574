// HTTP/2 out of a stream of bytes. Whatever comes, in whatever pieces: nothing is leaked or kept beyond its limits,
// what a handler gets is well formed, and how the stream is cut into reads does not change which requests there are.

#include "core/base/metrics.hpp"
#include "daemon/http/h2_codec.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace arngate;
using fuzz::check;

constexpr SteadyTime begin{std::chrono::hours(1)};

http::HttpLimits limits() {
    http::HttpLimits out;
    out.max_body_bytes = 2048;
    out.max_header_bytes = 1024;
    out.max_streams = 8;
    out.max_resets = 16;
    out.max_control_frames = 64;
    return out;
}

void answer(http::H2Codec& codec, http::H2Stream& stream) {
    http::Response response;
    response.status = stream.refusal == 0 ? 200 : stream.refusal;
    response.body.assign(300, 'a');
    codec.release_body(stream);
    codec.answer(stream, response, "Fri, 15 Jan 2027 08:00:00 GMT", begin);
}

struct Served {
    std::vector<std::string> requests;
    bool ended_early = false;  ///< the connection was over before all was read
};

/// The requests of a stream that is read in pieces of `step` bytes.
Served serve(std::string_view stream, std::size_t step) {
    static MetricsRegistry registry;
    static http::HttpMetrics metrics(registry);
    static http::H2StreamPool pool;
    const http::HttpLimits bounds = limits();
    Served served;
    http::H2Codec codec(bounds, pool, metrics, begin);
    std::string out;
    codec.send(out, 1 << 20, begin);
    while (!stream.empty() && !codec.is_over()) {
        const std::size_t size = std::min(step, stream.size());
        codec.receive(stream.substr(0, size), begin);
        stream.remove_prefix(size);
        while (http::H2Stream* request = codec.next_ready()) {
            check(request->stage == http::H2Stage::handling);
            check(request->body.size() <= bounds.max_body_bytes);
            check(request->path.size() + request->method.size() <= bounds.max_header_bytes);
            check(request->refusal != 0 || request->path.starts_with('/'));
            if (request->refusal == 0) {
                served.requests.push_back(
                    request->method + " " + request->path + " " + std::string(request->body.view())
                );
            }
            answer(codec, *request);
        }
        check(codec.streams() <= bounds.max_streams);
        out.clear();
        codec.send(out, 1 << 20, begin);
        check(codec.held_bytes() <= bounds.max_streams * 300);
    }
    served.ended_early = codec.is_over();
    // Time passes: nothing may stay that waits for the client.
    codec.expire(begin + std::chrono::hours(1));
    while (http::H2Stream* request = codec.next_ready()) {
        answer(codec, *request);
    }
    codec.drain(begin);
    out.clear();
    codec.send(out, 1 << 20, begin);
    codec.expire(begin + std::chrono::hours(2));
    codec.send(out, 1 << 20, begin);
    check(codec.is_over() || codec.streams() == 0 || !codec.has_ready());
    codec.abandon();
    check(codec.is_over());
    return served;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream = fuzz::text_of(data, size);
    const Served whole = serve(stream, 16 * 1024);
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}}) {
        // Answers in between free places for streams, so a cut stream may have more requests, but never other ones.
        // What is too much for a connection is noticed sooner when it comes in pieces.
        const Served cut = serve(stream, step);
        for (const std::string& request : whole.requests) {
            check(cut.ended_early || std::ranges::find(cut.requests, request) != cut.requests.end());
        }
    }
    return 0;
}
