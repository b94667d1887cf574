#pragma once

#include "tests/support/fake_sts/key_table.hpp"
#include "tests/support/fake_sts/request_check.hpp"

#include "core/base/clock.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a judgement of signed requests is made of, whether the signature stands in the query or in a header.
namespace arngate::fake_sts {

struct Parameter {
    std::string name;
    std::string value;
};

[[nodiscard]] Refusal incomplete(std::string message);
[[nodiscard]] Refusal mismatch(std::string message);
[[nodiscard]] Refusal invalid_token();

/// Decodes; a parameter that occurs twice and one without a name are refused.
[[nodiscard]] std::expected<std::vector<Parameter>, Refusal> parse_query(std::string_view query);
/// nullptr if there is no such parameter.
[[nodiscard]] const std::string* find(std::span<const Parameter> parameters, std::string_view name);

/// "20260102T030405Z"
[[nodiscard]] std::optional<WallTime> parse_date(std::string_view text);

/// A credential: id/yyyymmdd/region/service/aws4_request
struct Scope {
    std::string_view access_key_id;
    std::string_view date;
    std::string_view region;
    std::string_view service;
    std::string_view terminator;
};
[[nodiscard]] std::optional<Scope> parse_scope(std::string_view credential);

/// The value of a header that must be there once.
[[nodiscard]] std::optional<std::string_view> single_header(const Request& request, std::string_view name);

/// A body counts in a POST alone. Refused: a list of signed headers that is not sorted and lower case or lacks `host`,
/// and a header of it that did not come.
[[nodiscard]] std::expected<std::string, Refusal> canonical_request(
    const Request& request,
    std::string_view path,
    std::span<const Parameter> parameters,
    std::string_view signed_headers
);

/// Fifteen minutes from the date, and five before it.
[[nodiscard]] std::optional<Refusal> check_time(std::string_view text, WallTime date, WallTime now);
[[nodiscard]] std::optional<Refusal> check_scope(
    const Scope& scope,
    std::string_view service,
    std::string_view date_text,
    std::optional<std::string_view> host,
    const RegionOfHost& region_of
);
/// `token` is what came with the request; nullptr: nothing did.
[[nodiscard]] std::optional<Refusal> check_session_token(const Key& key, const std::string* token, WallTime now);
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace arngate::fake_sts
