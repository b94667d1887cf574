#include "core/credentials/source.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace arngate::credentials {

namespace {

constexpr std::chrono::milliseconds pause_between{200};

bool is_passing(const std::expected<net::HttpResponse, CallFailure>& answer) {
    constexpr int too_many_requests = 429;
    constexpr int server_error = 500;
    return answer ? answer->status == too_many_requests || answer->status >= server_error
                  : answer.error().kind == CallFailure::Kind::not_reached ||
                        answer.error().kind == CallFailure::Kind::no_answer;
}

}  // namespace

std::expected<net::HttpResponse, CallFailure> call(
    Means& means, const std::function<HttpCall()>& make, unsigned attempts
) {
    for (unsigned attempt = 1;; ++attempt) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(means.deadline.remaining());
        if (left.count() <= 0) {
            return std::unexpected(
                CallFailure{.kind = CallFailure::Kind::no_answer, .what = "the time for finding credentials is over"}
            );
        }
        HttpCall one = make();
        one.limit = std::min(one.limit, left);
        auto answer = means.transport.exchange(std::move(one));
        if (attempt >= attempts || !is_passing(answer)) {
            return answer;
        }
        if (answer) {
            wipe(answer->body);
        }
        means.transport.pause(std::min(pause_between * attempt, left));
    }
}

}  // namespace arngate::credentials
