#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace arngate::sts {

/// The account that an access key id was made for: its 5th to 13th character hold it in base32, after a bit that tells
/// ids of this form from older ones. Nothing for older ids and what is no id. Nobody vouches for it before STS has
/// proven the token: it serves fairness, never a decision about who somebody is. Pure.
[[nodiscard]] std::optional<std::uint64_t> account_of(std::string_view access_key_id);

/// What a token says of the credentials it was signed with. Views.
struct ClaimedCredentials {
    std::string_view access_key_id;
    std::string_view session_token{};  ///< secret; empty for the lasting keys of IAM users
};

/// Who is behind a call, as far as its token tells, as opaque numbers.
struct CallSource {
    std::uint64_t account = 0;  ///< by the account; an id that names none is an account of its own
    /// By access key id and session token. Ids stand in audit logs, session tokens nowhere: whoever knows the id of
    /// somebody's temporary credentials and no more cannot make tokens that count as theirs.
    std::uint64_t key = 0;
};

/// `seed` is secret, so that nobody can choose texts whose numbers collide. Pure.
[[nodiscard]] CallSource source_of(const ClaimedCredentials& claimed, std::uint64_t seed);

}  // namespace arngate::sts
