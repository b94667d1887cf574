#include "core/kube/login.hpp"

#include "core/base/text.hpp"
#include "core/kube/exec_plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <utility>

namespace arngate::kube {

namespace {

constexpr std::size_t max_token_bytes = 64UL * 1024;

std::expected<Secret, std::string> read_token(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    Secret bytes = Secret::of_size(max_token_bytes + 1);
    stream.read(bytes.mutable_data(), static_cast<std::streamsize>(max_token_bytes) + 1);
    const auto size = static_cast<std::size_t>(stream.gcount());
    if (stream.bad() || (size == 0 && !stream.eof())) {
        return std::unexpected(fmt::format("cannot read the token file {}", file));
    }
    if (size > max_token_bytes) {
        return std::unexpected(fmt::format("the token file {} has more than 64 KiB", file));
    }
    bytes.truncate(size);
    const std::string_view token = text::trim(bytes.expose());
    if (token.empty() || !std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; })) {
        return std::unexpected(fmt::format("the token file {} does not hold a token", file));
    }
    return Secret(token);
}

}  // namespace

Login::Login(const Access& access, std::chrono::milliseconds plugin_limit)
    : access_(access), plugin_limit_(plugin_limit) {}

std::expected<void, std::string> Login::prepare() {
    if (!access_.token_file.empty()) {
        auto token = read_token(access_.token_file);
        if (!token) {
            return std::unexpected(std::move(token.error()));
        }
        token_ = std::move(*token);
    } else if (access_.exec && !plugin_ran_) {
        auto given = run_exec_plugin(*access_.exec, plugin_limit_);
        if (!given) {
            return std::unexpected(std::move(given.error()));
        }
        plugin_ran_ = true;
        token_ = std::move(given->token);
        certificate_pem_ = std::move(given->certificate_pem);
        key_pem_ = std::make_shared<const Secret>(std::move(given->key_pem));
    }
    return {};
}

bool Login::discard() {
    return std::exchange(plugin_ran_, false);
}

Secret Login::authorization() const {
    const std::string_view token = token_.empty() ? access_.token.expose() : token_.expose();
    if (token.empty()) {
        return {};
    }
    constexpr std::string_view scheme = "Bearer ";
    Secret value = Secret::of_size(scheme.size() + token.size());
    char* const after = std::ranges::copy(scheme, value.mutable_data()).out;
    std::ranges::copy(token, after);
    return value;
}

net::TlsClientOptions Login::tls() const {
    net::TlsClientOptions options = access_.tls;
    if (!certificate_pem_.empty()) {
        options.client_certificate_pem = certificate_pem_;
        options.client_key_pem = key_pem_;
    }
    return options;
}

}  // namespace arngate::kube
