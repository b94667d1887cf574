#pragma once

#include "core/credentials/client_settings.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/source.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

/// A refresh token in exchange for fresh ones: a JSON object is posted to a service of AWS, and one comes back.
namespace arngate::credentials {

/// Where an operation of the service is found in a region: the service's endpoint with this path behind its own.
[[nodiscard]] std::expected<Url, std::string> operation_url(
    const Means& means, Service service, std::string_view region, std::string_view path
);

struct TokenExchange {
    const Url& url;
    const JsonDocument& question;
    std::string_view proof{};  ///< of possession (DPoP); empty: none is asked for
    const std::string& ca_bundle;
    std::size_t max_answer_bytes = 0;
};

/// Asks once, as a refresh token may be good for one exchange alone, and gives the body of a 200, which is a secret.
/// The error goes on from the name of the service: "answered with status 400".
[[nodiscard]] std::expected<std::string, std::string> exchange_token(Means& means, const TokenExchange& exchange);

}  // namespace arngate::credentials
