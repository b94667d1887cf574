// Requests of HTTP/1 cut out of a stream. How the stream is cut into reads must not change what the requests are:
// where it would, one side could be made to see another request than the other.

#include "daemon/http/h1_reader.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace arngate;
using fuzz::check;

http::HttpLimits limits() {
    http::HttpLimits out;
    out.max_body_bytes = 2048;
    out.max_header_bytes = 1024;
    return out;
}

struct Request {
    std::string method;
    std::string target;
    std::string body;
    bool keep_alive = false;
    bool http11 = false;

    bool operator==(const Request&) const = default;
};

struct Session {
    std::vector<Request> requests;
    unsigned failure = 0;

    bool operator==(const Session&) const = default;
};

/// Reads the stream in pieces of at most `step` bytes, as a server does.
Session serve(std::string_view stream, std::size_t step, bool parks) {
    const http::HttpLimits bounds = limits();
    http::ReadScratch scratch;
    http::H1Reader reader(bounds, scratch);
    Session out;
    while (true) {
        const auto outcome = reader.parse();
        if (outcome == http::H1Reader::Outcome::failed) {
            out.failure = reader.failure_status();
            check(out.failure >= 400 && out.failure < 600);
            return out;
        }
        if (outcome == http::H1Reader::Outcome::complete) {
            check(reader.body().size() <= bounds.max_body_bytes);
            check(reader.target().size() <= bounds.max_header_bytes);
            out.requests.push_back(
                {.method = std::string(reader.method()),
                 .target = std::string(reader.target()),
                 .body = std::string(reader.body()),
                 .keep_alive = reader.keep_alive(),
                 .http11 = reader.is_http11()}
            );
            const bool goes_on = reader.keep_alive();
            reader.consume();
            if (!goes_on) {
                return out;
            }
            continue;
        }
        static_cast<void>(reader.take_expect_continue());
        if (parks) {
            reader.park();
        }
        if (stream.empty()) {
            return out;
        }
        const std::span<char> space = reader.prepare();
        check(!space.empty());
        const std::size_t size = std::min({step, space.size(), stream.size()});
        std::memcpy(space.data(), stream.data(), size);
        reader.commit(size);
        stream.remove_prefix(size);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream = fuzz::text_of(data, size);
    const Session whole = serve(stream, stream.size() + 1, false);
    check(serve(stream, 1, true) == whole);
    check(serve(stream, 7, false) == whole);
    return 0;
}
