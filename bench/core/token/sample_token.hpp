#pragma once

#include "core/token/mint.hpp"

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace arngate::bench {

inline const WallTime sample_time{std::chrono::seconds(1'767'323'045)};

/// A token as clients send it, signed at `sample_time`; `session_bytes` of session token, 0 for a long-lived key.
inline Secret sample_token(std::size_t session_bytes) {
    aws::Credentials credentials;
    credentials.access_key_id = session_bytes > 0 ? "ASIAIOSFODNN7EXAMPLE" : "AKIAIOSFODNN7EXAMPLE";
    credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    std::string session;
    while (session.size() < session_bytes) {
        session += "IQoJb3JpZ2luX2VjEJ+/";  // base64 with the characters that a URL must escape
    }
    session.resize(session_bytes);
    credentials.session_token = Secret(session);
    auto minted = token::mint({.cluster_id = "my-cluster", .region = "us-east-1"}, credentials, sample_time);
    if (!minted) {
        throw std::runtime_error(minted.error());
    }
    return std::move(minted->token);
}

}  // namespace arngate::bench
