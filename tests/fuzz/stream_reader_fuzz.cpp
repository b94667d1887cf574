// An answer that is read while it comes. The first byte chooses how the bytes are cut.

#include "core/net/stream_reader.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    if (size == 0) {
        return 0;
    }
    std::string_view left = fuzz::text_of(data + 1, size - 1);
    const std::size_t step = std::size_t{data[0]} + 1;
    net::StreamReader reader(1024);
    std::string body;
    auto progress = net::ReadProgress::need_more;
    while (progress == net::ReadProgress::need_more && !left.empty()) {
        const auto space = reader.space();
        check(!space.empty());
        const std::size_t count = std::min({step, left.size(), space.size()});
        std::ranges::copy(left.substr(0, count), space.begin());
        left.remove_prefix(count);
        progress = reader.received(count, body);
        check(body.empty() || reader.head().has_value());
    }
    check(body.size() < size);
    if (progress == net::ReadProgress::need_more) {
        progress = reader.ended();
        check(progress == net::ReadProgress::complete || progress == net::ReadProgress::cut_short);
    }
    if (progress == net::ReadProgress::complete) {
        check(reader.head().has_value() && reader.head()->status >= 200);
    }
    return 0;
}
