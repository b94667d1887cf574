#pragma once

#include "core/base/secret.hpp"
#include "core/kube/access.hpp"

#include <chrono>
#include <expected>
#include <memory>
#include <string>

namespace arngate::kube {

/// Gives each request its credentials. One loop.
class Login {
public:
    /// `access` outlives the object. `plugin_limit`: how long an exec plugin may take.
    Login(const Access& access, std::chrono::milliseconds plugin_limit);

    /// Makes ready for a request: reads the token file, or runs the exec plugin the first time. Blocks meanwhile. The
    /// error is a sentence for people.
    [[nodiscard]] std::expected<void, std::string> prepare();
    /// The server did not accept what was sent. True when the next `prepare` may bring something else.
    [[nodiscard]] bool discard();

    /// Value of Authorization after `prepare`; empty: none.
    [[nodiscard]] Secret authorization() const;
    /// The TLS options with the certificate of the exec plugin, if it gave one.
    [[nodiscard]] net::TlsClientOptions tls() const;

private:
    const Access& access_;
    std::chrono::milliseconds plugin_limit_;
    Secret token_;
    std::string certificate_pem_;
    std::shared_ptr<const Secret> key_pem_;
    bool plugin_ran_ = false;
};

}  // namespace arngate::kube
