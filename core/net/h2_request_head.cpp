#include "core/net/h2_request_head.hpp"

#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/h2/session.hpp"
#include "core/net/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace arngate::net {
namespace {

/// What is the same in one request after the other may enter HPACK's table; what could be a credential never does.
enum class Indexing : std::uint8_t { allowed, never };

Indexing indexing_of(std::string_view name) {
    static constexpr std::array<std::string_view, 5> repeated{
        "accept", "content-type", "user-agent", "x-k8s-aws-id", "accept-encoding"
    };
    return std::ranges::find(repeated, name) == repeated.end() ? Indexing::never : Indexing::allowed;
}

nghttp2_nv field(std::string_view name, std::string_view value, Indexing indexing) noexcept {
    constexpr unsigned no_copies = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    const unsigned no_index = indexing == Indexing::never ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
    return h2::field(name, value, static_cast<std::uint8_t>(no_copies | no_index));
}

}  // namespace

H2RequestHead::H2RequestHead(const Endpoint& endpoint, const HttpRequest& request) : host_(host_header(endpoint)) {
    static const std::string user_agent = fmt::format("arngate/{}", version());
    constexpr std::size_t own_fields = 7;
    names_.reserve(request.headers.size());
    fields_.reserve(request.headers.size() + own_fields);
    fields_.push_back(field(":method", request.method, Indexing::allowed));
    fields_.push_back(field(":scheme", "https", Indexing::allowed));
    fields_.push_back(field(":authority", host_, Indexing::allowed));
    fields_.push_back(field(":path", request.target.expose(), Indexing::never));
    fields_.push_back(field("user-agent", user_agent, Indexing::allowed));
    for (const auto& [name, value] : request.headers) {
        names_.push_back(text::to_lower(name));
        fields_.push_back(field(names_.back(), value, indexing_of(names_.back())));
    }
    if (!request.authorization.empty()) {
        fields_.push_back(field("authorization", request.authorization.expose(), Indexing::never));
    }
    if (request.body) {
        length_ = fmt::format("{}", request.body->size());
        fields_.push_back(field("content-length", length_, Indexing::never));
    }
}

}  // namespace arngate::net
