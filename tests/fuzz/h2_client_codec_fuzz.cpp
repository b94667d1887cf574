// What an HTTP/2 server sends to a client with three requests under way. Whatever comes, in whatever pieces: nothing is
// kept beyond its limits, every exchange ends when the connection does, and what nobody waits for is not touched again.

#include "core/net/h2_client_codec.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;

constexpr SteadyTime begin{std::chrono::hours(1)};

net::HttpsPoolOptions limits() {
    net::HttpsPoolOptions out;
    out.max_header_bytes = 1024;
    out.max_response_bytes = 2048;
    out.max_streams_per_connection = 4;
    return out;
}

void send_all(net::H2ClientCodec& codec) {
    codec.pack();
    codec.sent(codec.output().size());
}

void submit(net::H2ClientCodec& codec, net::H2Exchange& exchange, bool with_body) {
    net::HttpRequest request;
    request.target = Secret("/?Action=GetCallerIdentity");
    if (with_body) {
        request.method = "POST";
        request.body.emplace(3000, 'b');
    }
    check(codec.submit(exchange, {.host = "sts.us-east-1.amazonaws.com", .port = 443}, request).has_value());
}

void look_at(const net::H2Exchange& exchange, const net::HttpsPoolOptions& bounds) {
    check(exchange.response.body.size() <= bounds.max_response_bytes);
    check(exchange.response.content_type.size() + exchange.response.retry_after.size() <= bounds.max_header_bytes);
    if (exchange.end == net::H2End::complete) {
        check(exchange.has_headers && exchange.response.status >= 200);
    }
}

void play(std::string_view stream, std::size_t step) {
    const net::HttpsPoolOptions bounds = limits();
    net::H2Exchange kept;
    net::H2Exchange posted;
    auto codec = std::make_unique<net::H2ClientCodec>(bounds, begin);
    auto dropped = std::make_unique<net::H2Exchange>();
    submit(*codec, kept, false);
    submit(*codec, *dropped, false);
    submit(*codec, posted, true);
    send_all(*codec);
    while (!stream.empty() && !codec->is_over()) {
        const std::size_t size = std::min(step, stream.size());
        codec->receive(stream.substr(0, size), begin);
        stream.remove_prefix(size);
        send_all(*codec);
        check(codec->live() <= 3);
        check(codec->capacity() <= bounds.max_streams_per_connection);
        for (const net::H2Exchange* finished : codec->finished()) {
            check(finished->end != net::H2End::none);
            look_at(*finished, bounds);
        }
        codec->finished().clear();
        dropped.reset();
    }
    codec->abandon();
    check(codec->is_over() && codec->live() == 0);
    check(kept.end != net::H2End::none && posted.end != net::H2End::none);
    look_at(kept, bounds);
    look_at(posted, bounds);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream = fuzz::text_of(data, size);
    for (const std::size_t step : {std::size_t{16} * 1024, std::size_t{7}, std::size_t{1}}) {
        play(stream, step);
    }
    return 0;
}
