#pragma once

#include "core/base/secret.hpp"
#include "core/kube/access.hpp"

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::kube {

inline constexpr std::size_t max_exec_answer_bytes = 256UL * 1024;

/// What a plugin gave: a token, a client certificate with its key, or both.
struct ExecLogin {
    Secret token;
    std::string certificate_pem;
    Secret key_pem;
};

/// Reads the ExecCredential that a plugin printed. Its `apiVersion` must be the one asked for, its token text that can
/// stand in a header. The error is a sentence that quotes nothing of it. Pure.
[[nodiscard]] std::expected<ExecLogin, std::string> parse_exec_credential(
    std::string_view json, std::string_view api_version
);

/// Runs the plugin and reads its answer. It gets our environment, KUBERNETES_EXEC_INFO (not interactive), /dev/null as
/// standard input and our standard error. Blocks until the plugin ends, at most for `limit`: then it is killed. More
/// than `max_exec_answer_bytes` are refused. Errors are sentences for people.
[[nodiscard]] std::expected<ExecLogin, std::string> run_exec_plugin(
    const ExecPlugin& plugin, std::chrono::milliseconds limit
);

}  // namespace arngate::kube
