#include "bench/arngate-bench/answer.hpp"

#include <algorithm>

namespace arngate::bench {

Verdict verdict_of(std::string_view body) noexcept {
    constexpr std::string_view key = R"("authenticated")";
    const auto found = body.find(key);
    if (found == std::string_view::npos) {
        // The Go types leave a false out.
        return body.find(R"("status")") == std::string_view::npos ? Verdict::none : Verdict::refused;
    }
    const auto value = std::min(body.find_first_not_of(" \t\r\n:", found + key.size()), body.size());
    return body.substr(value).starts_with("true") ? Verdict::granted : Verdict::refused;
}

}  // namespace arngate::bench
