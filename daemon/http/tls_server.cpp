#include "daemon/http/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace arngate::http {
namespace {

// TLS 1.2: forward secrecy only, AEAD first; the two CBC suites are there for clients of the Go server that have
// nothing better. The three suites of TLS 1.3 are OpenSSL's default.
constexpr const char* suites_tls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:"
    "ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA";

/// OpenSSL's own words for the newest error of this thread; empties its queue.
std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) {
        return "unknown error";
    }
    if (ERR_SYSTEM_ERROR(code)) {
        return "cannot be read";
    }
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "error " + std::to_string(code);
}

std::unexpected<std::string> failed(std::string_view what, std::string_view file) {
    return std::unexpected(std::string(what) + " " + std::string(file) + ": " + openssl_reason());
}

/// The protocols of ALPN in wire form (RFC 7301): each with its length before it. Lives as long as the context.
void free_protocols(
    void* /*parent*/, void* data, CRYPTO_EX_DATA* /*ex*/, int /*index*/, long /*argl*/, void* /*argp*/
) {
    delete static_cast<std::string*>(data);
}

int protocols_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_protocols);
    return index;
}

std::string wire_form(const std::vector<std::string>& protocols) {
    std::string wire;
    for (const std::string& protocol : protocols) {
        wire += static_cast<char>(protocol.size());
        wire += protocol;
    }
    return wire;
}

/// HTTP/2 forbids the suites of TLS 1.2 that are not AEAD (RFC 9113, section 9.2.2); a client that has no other gets
/// HTTP/1.1.
bool may_carry_h2(SSL* ssl) noexcept {
    const SSL_CIPHER* suite = SSL_get_pending_cipher(ssl);
    return suite != nullptr && SSL_CIPHER_is_aead(suite) == 1;
}

int select_protocol(
    SSL* ssl,
    const unsigned char** out,
    unsigned char* out_length,
    const unsigned char* offered,
    unsigned int offered_length,
    void* /*argument*/
) {
    const auto* ours = static_cast<const std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), protocols_index()));
    std::string_view usable = *ours;
    constexpr std::string_view h2 = "\x02h2";
    if (usable.starts_with(h2) && !may_carry_h2(ssl)) {
        usable.remove_prefix(h2.size());
    }
    unsigned char* selected = nullptr;
    const int found = SSL_select_next_proto(
        &selected,
        out_length,
        reinterpret_cast<const unsigned char*>(usable.data()),
        static_cast<unsigned int>(usable.size()),
        offered,
        offered_length
    );
    if (found != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301, section 3.2: no_application_protocol
    }
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

/// An encrypted key would make OpenSSL ask on the terminal.
int refuse_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

std::expected<void, std::string> load_pair(SSL_CTX* context, const TlsServerOptions& options) {
    SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
        return failed("certificate file", options.certificate_file);
    }
    // A key that does not belong to the certificate is already noticed here, with an error about the pair.
    if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        return failed("key file", options.key_file);
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        return failed(
            "key does not match the certificate " + options.certificate_file + ": key file", options.key_file
        );
    }
    return {};
}

std::expected<void, std::string> demand_client_certificates(SSL_CTX* context, const std::string& ca_file) {
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca_file.c_str());
    if (names == nullptr || SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return failed("client CA file", ca_file);
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return {};
}

void set_protocol_rules(SSL_CTX* context, const TlsServerOptions& options) {
    SSL_CTX_set_min_proto_version(context, options.require_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(
        context,
        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA
    );
    // Buffers are given back while a connection idles; writes may be partial and retried from a buffer that grew.
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    );
    // One read call for a record instead of one for its head and one for its body.
    SSL_CTX_set_read_ahead(context, 1);
    // Resumption by tickets only: nothing is kept here. One ticket a handshake is enough for one connection to come.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
}

}  // namespace

std::expected<TlsServer, std::string> make_tls_server(const TlsServerOptions& options) {
    ERR_clear_error();
    TlsServer context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (context == nullptr) {
        return std::unexpected("TLS cannot be set up: " + openssl_reason());
    }
    set_protocol_rules(context.get(), options);
    constexpr std::string_view session_context = "arngate";
    const bool ready = SSL_CTX_set_cipher_list(context.get(), suites_tls12) == 1 &&
                       SSL_CTX_set_session_id_context(
                           context.get(),
                           reinterpret_cast<const unsigned char*>(session_context.data()),
                           static_cast<unsigned int>(session_context.size())
                       ) == 1;
    if (!ready) {
        return std::unexpected("TLS cannot be set up: " + openssl_reason());
    }
    if (auto loaded = load_pair(context.get(), options); !loaded) {
        return std::unexpected(std::move(loaded.error()));
    }
    if (!options.client_ca_file.empty()) {
        if (auto demanded = demand_client_certificates(context.get(), options.client_ca_file); !demanded) {
            return std::unexpected(std::move(demanded.error()));
        }
    }
    auto protocols = std::make_unique<std::string>(wire_form(options.protocols));
    if (SSL_CTX_set_ex_data(context.get(), protocols_index(), protocols.get()) != 1) {
        return std::unexpected("TLS cannot be set up: " + openssl_reason());
    }
    static_cast<void>(protocols.release());  // the context's now
    SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
    return context;
}

}  // namespace arngate::http
