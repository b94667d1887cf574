// Requests of HTTP/1 cut out of a stream. How the stream is cut into reads must not change what the requests are:
// where it would, one side could be made to see another request than the other.

#include "daemon/http/h1_reader.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/pieces.hpp"

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

/// Reads the stream in pieces of at most `step` bytes, as a server does, up to the first failure. When a fault that
/// follows the last whole request is seen may depend on the pieces; the requests may not.
std::vector<Request> serve(std::string_view stream, std::size_t step, bool parks) {
    const http::HttpLimits bounds = limits();
    http::ReadScratch scratch;
    http::H1Reader reader(bounds, scratch);
    std::vector<Request> out;
    std::size_t at = 0;
    while (true) {
        const auto outcome = reader.parse();
        if (outcome == http::H1Reader::Outcome::failed) {
            check(reader.failure_status() >= 400 && reader.failure_status() < 600);
            return out;
        }
        if (outcome == http::H1Reader::Outcome::complete) {
            check(reader.body().size() <= bounds.max_body_bytes);
            check(reader.target().size() <= bounds.max_header_bytes);
            out.push_back(
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
        if (at == stream.size()) {
            return out;
        }
        const std::span<char> space = reader.prepare();
        check(!space.empty());
        const std::size_t size = fuzz::piece_size(stream, at, step, space.size());
        std::memcpy(space.data(), stream.data() + at, size);
        reader.commit(size);
        at += size;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream = fuzz::text_of(data, size);
    const auto whole = serve(stream, stream.size() + 1, false);
    check(serve(stream, 1, true) == whole);
    check(serve(stream, 7, false) == whole);
    return 0;
}
