#include "core/credentials/metadata_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view session_target = "/latest/api/token";
constexpr std::string_view data_prefix = "/latest/meta-data/";
constexpr std::size_t max_session_bytes = 1024;
constexpr int ok = 200;
constexpr int bad_request = 400;

/// What may stand in a header as it is.
bool is_session_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// Where nobody is, or the request is wrong, asking in the old way is in vain. Silence may mean that the answer to PUT
/// died on its way into a container, as its hop limit is 1.
bool is_v1_in_vain(const std::expected<net::HttpResponse, CallFailure>& answer) {
    return answer ? answer->status == bad_request : answer.error().kind != CallFailure::Kind::no_answer;
}

}  // namespace

MetadataSession::MetadataSession(AskMetadata ask, net::Endpoint service, std::chrono::milliseconds limit)
    : ask_(std::move(ask)), service_(std::move(service)), limit_(limit) {}

std::expected<MetadataSession, std::string> MetadataSession::open(
    AskMetadata ask, net::Endpoint service, std::chrono::milliseconds limit, MetadataV1 v1
) {
    MetadataSession session(std::move(ask), std::move(service), limit);
    auto answer = session.ask_for_session();
    if (answer && answer->status == ok) {
        const bool good = is_session_token(answer->body);
        session.token_ = Secret(answer->body);
        wipe(answer->body);
        if (!good) {
            return std::unexpected("a session that cannot be sent back");
        }
        return session;
    }
    std::string why = answer ? fmt::format("status {}", answer->status) : std::move(answer.error().what);
    if (is_v1_in_vain(answer)) {
        return std::unexpected("no session: " + why);
    }
    if (v1 == MetadataV1::forbidden) {
        return std::unexpected(fmt::format("no session: {}, and IMDSv1 is not allowed", why));
    }
    session.without_session_ = std::move(why);
    return session;
}

std::expected<std::string, std::string> MetadataSession::get(std::string_view path, std::size_t max_bytes) const {
    auto answer = ask_([&] {
        HttpCall call = call_to(std::string(data_prefix).append(path), max_bytes);
        if (!token_.empty()) {
            call.request.headers.emplace_back("X-aws-ec2-metadata-token", token_.expose());
        }
        return call;
    });
    if (!answer) {
        return std::unexpected(std::move(answer.error().what));
    }
    if (answer->status != ok) {
        wipe(answer->body);
        return std::unexpected(fmt::format("status {}", answer->status));
    }
    return std::move(answer->body);
}

std::expected<net::HttpResponse, CallFailure> MetadataSession::ask_for_session() const {
    return ask_([&] {
        HttpCall call = call_to(session_target, max_session_bytes);
        call.request.method = "PUT";
        call.request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "60");
        call.request.body = "";
        return call;
    });
}

HttpCall MetadataSession::call_to(std::string_view target, std::size_t max_bytes) const {
    HttpCall call;
    call.tls = false;
    call.endpoint = service_;
    call.request.target = Secret(target);
    call.max_body_bytes = max_bytes;
    call.limit = limit_;
    return call;
}

}  // namespace arngate::credentials
