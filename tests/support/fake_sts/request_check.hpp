#pragma once

#include "tests/support/fake_sts/key_table.hpp"
#include "tests/support/fake_sts/signing.hpp"

#include "core/base/clock.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::fake_sts {

/// One HTTP request as it arrived. Header names in any letter case; values without outer blanks.
struct Request {
    std::string_view method;
    std::string_view target;  ///< path and query, as on the wire
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body{};
};

/// An error as STS answers it.
struct Refusal {
    int status;
    std::string_view code;
    std::string message;
};

/// Gives the region that a host belongs to, "us-east-1" for the global one; empty: not a host of this STS.
using RegionOfHost = std::function<std::string_view(std::string_view host)>;

/// STS's judgement of a presigned GetCallerIdentity, from the bytes of the request alone. Strict where STS is: the
/// signature is recomputed over what arrived (every signed header must be there, `host` must be signed), the scope must
/// agree with X-Amz-Date, with the host's region and with "sts", the session token must be the key's own, and the
/// request counts for 15 minutes whatever X-Amz-Expires says. A parameter that occurs twice is refused.
class RequestCheck {
public:
    RequestCheck(const KeyTable& keys, RegionOfHost region_of_host)
        : keys_(keys), region_of_host_(std::move(region_of_host)) {}

    /// Thread-safe.
    [[nodiscard]] std::expected<std::shared_ptr<const Key>, Refusal> verify(const Request& request, WallTime now);
    /// As `verify`, but without the signature, the dates and the session token: for measurements of others.
    [[nodiscard]] std::expected<std::shared_ptr<const Key>, Refusal> identify(const Request& request) const;

private:
    const KeyTable& keys_;
    RegionOfHost region_of_host_;
    SigningKeys signing_keys_;
};

}  // namespace arngate::fake_sts
