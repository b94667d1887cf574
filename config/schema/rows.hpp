#pragma once

#include "config/schema.hpp"

#include <cstdint>
#include <span>
#include <string_view>

/// The rows of the schema as they are written, one file a section. config/schema.cpp joins them in this order, which is
/// that of the documents, and fills in what it can derive; nobody else reads them.
namespace arngate::config::schema_rows {

inline constexpr std::int64_t second = 1000;
inline constexpr std::int64_t minute = 60 * second;
inline constexpr std::int64_t kib = 1024;
inline constexpr std::int64_t mib = 1024 * kib;

inline constexpr std::string_view partition_ids =
    "aws aws-cn aws-eusc aws-iso aws-iso-b aws-iso-e aws-iso-f aws-us-gov";

/// What every command reads.
[[nodiscard]] std::span<const Key> common() noexcept;
/// What `token` and `verify` read.
[[nodiscard]] std::span<const Key> client() noexcept;
/// The server.
[[nodiscard]] std::span<const Key> server() noexcept;
/// TLS of the server.
[[nodiscard]] std::span<const Key> server_tls() noexcept;
/// How mappings are understood.
[[nodiscard]] std::span<const Key> mapping() noexcept;
/// STS: what is trusted and how it is asked.
[[nodiscard]] std::span<const Key> sts() noexcept;
/// The cache of verified identities.
[[nodiscard]] std::span<const Key> cache() noexcept;
/// Limits.
[[nodiscard]] std::span<const Key> limits() noexcept;
/// Form of the answers.
[[nodiscard]] std::span<const Key> answers() noexcept;

}  // namespace arngate::config::schema_rows
