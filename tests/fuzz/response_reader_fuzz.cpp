// The HTTP answer of an AWS endpoint or a proxy. How it is cut into reads must not change it.

#include "core/net/response_reader.hpp"
#include "tests/fuzz/check.hpp"

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
    while (out.progress == ReadProgress::need_more && !stream.empty()) {
        const std::span<char> space = reader.space();
        check(!space.empty());
        const std::size_t size = std::min({step, space.size(), stream.size()});
        std::memcpy(space.data(), stream.data(), size);
        stream.remove_prefix(size);
        out.progress = reader.received(size);
    }
    if (out.progress == ReadProgress::need_more) {
        out.progress = reader.ended();
        check(out.progress != ReadProgress::need_more);
    }
    if (out.progress == ReadProgress::complete) {
        out.keep_alive = reader.keep_alive();
        const net::HttpResponse response = reader.take();
        out.status = response.status;
        out.body = response.body;
        check(out.body.size() <= max_body_bytes);
        check(out.status >= 200);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream = fuzz::text_of(data, size);
    for (const net::BodyRule rule : {net::BodyRule::as_framed, net::BodyRule::none}) {
        const Answer whole = read(stream, stream.size() + 1, rule);
        check(read(stream, 1, rule) == whole);
        check(read(stream, 7, rule) == whole);
    }
    return 0;
}
