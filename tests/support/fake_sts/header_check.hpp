#pragma once

#include "tests/support/fake_sts/key_table.hpp"
#include "tests/support/fake_sts/request_check.hpp"
#include "tests/support/fake_sts/request_parts.hpp"
#include "tests/support/fake_sts/signing.hpp"

#include "core/base/clock.hpp"

#include <expected>
#include <memory>
#include <string_view>
#include <vector>

namespace arngate::fake_sts {

/// A request that was signed properly: by whom, and what it asks.
struct SignedQuery {
    std::shared_ptr<const Key> key;
    std::vector<Parameter> parameters;
};

/// The judgement of a GET of the query protocol, or of a POST with the query as its body, that is signed in its
/// Authorization header, from the bytes that came. Every x-amz-* header that came must be signed. Codes are those of
/// STS.
class HeaderCheck {
public:
    explicit HeaderCheck(const KeyTable& keys) : keys_(keys) {}

    /// `region` is that of the host the request came to. Thread-safe.
    [[nodiscard]] std::expected<SignedQuery, Refusal> verify(
        const Request& request, std::string_view service, std::string_view region, WallTime now
    );

private:
    const KeyTable& keys_;
    SigningKeys signing_keys_;
};

}  // namespace arngate::fake_sts
