// The HTTP answer of an AWS endpoint or a proxy. How it is cut into reads must not change it.

#include "core/net/response_reader.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/pieces.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;
using net::ReadProgress;

constexpr std::size_t max_header_bytes = 1024;
constexpr std::size_t max_body_bytes = 2048;

struct Answer {
    ReadProgress progress = ReadProgress::need_more;
    int status = 0;
    std::string body;
    bool keep_alive = false;

    bool operator==(const Answer&) const = default;
};

Answer read(std::string_view stream, std::size_t step, net::BodyRule rule) {
    net::ResponseReader reader(max_header_bytes, max_body_bytes);
    reader.start(rule);
    Answer out;
    std::size_t at = 0;
    while (out.progress == ReadProgress::need_more && at < stream.size()) {
        const std::span<char> space = reader.space();
        check(!space.empty());
        const std::size_t size = fuzz::piece_size(stream, at, step, space.size());
        std::memcpy(space.data(), stream.data() + at, size);
        at += size;
        out.progress = reader.received(size);
    }
    if (out.progress == ReadProgress::need_more) {
        out.progress = reader.ended();
        check(out.progress != ReadProgress::need_more);
    }
    if (out.progress == ReadProgress::complete) {
        out.keep_alive = reader.keep_alive() && at == stream.size();  // surplus that a longer read would have brought
        const net::HttpResponse response = reader.take();
        out.status = response.status;
        out.body = response.body;
        check(out.body.size() <= max_body_bytes);
        check(out.status / 100 != 1);
    }
    return out;
}

/// Which fault of a broken answer is seen first may depend on the reads; what a whole answer says may not.
bool is_same(const Answer& a, const Answer& b) {
    if (a.progress != ReadProgress::complete || b.progress != ReadProgress::complete) {
        return a.progress != ReadProgress::complete && b.progress != ReadProgress::complete;
    }
    return a == b;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream = fuzz::text_of(data, size);
    for (const net::BodyRule rule : {net::BodyRule::as_framed, net::BodyRule::none}) {
        const Answer whole = read(stream, stream.size() + 1, rule);
        check(is_same(read(stream, 1, rule), whole));
        check(is_same(read(stream, 7, rule), whole));
    }
    return 0;
}
