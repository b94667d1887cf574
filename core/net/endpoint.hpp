#pragma once

#include "core/net/https_pool.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Hosts and ports as text. Pure.
namespace arngate::net {

/// "host:port", an IPv6 address in brackets; for messages, CONNECT and session keys.
[[nodiscard]] std::string authority(const Endpoint& endpoint);

/// The value of the Host header: the port is left out when it is that of https.
[[nodiscard]] std::string host_header(const Endpoint& endpoint);

/// Letters, digits, '-', '.', '_' of a name, or an IP address without zone; at most 253 bytes. What is not of this form
/// never reaches a resolver, a certificate check or a header.
[[nodiscard]] bool is_valid_host(std::string_view host) noexcept;

/// 1–65535, digits only.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text) noexcept;

/// Where to dial for `endpoint`: the first rule that matches decides; host names match without regard to letter case.
[[nodiscard]] Endpoint redirected(const Endpoint& endpoint, std::span<const ConnectTo> rules);

}  // namespace arngate::net
