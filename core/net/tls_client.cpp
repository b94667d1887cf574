#include "core/net/tls_client.hpp"

#include "core/net/endpoint.hpp"

#include <boost/asio/ip/address.hpp>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace arngate::net {

namespace {

// Servers give two tickets a connection as a rule; a few kept ones serve a burst of new connections.
constexpr std::size_t max_sessions_per_server = 8;
constexpr std::size_t max_servers = 256;
constexpr std::size_t max_pem_bytes = 1024UL * 1024;

// ALPN (RFC 7301): one length-prefixed name.
constexpr std::array<unsigned char, 9> alpn_http11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int peer_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

std::string last_openssl_reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    std::string text = reason == nullptr ? "unknown error" : reason;
    ERR_clear_error();
    return text;
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio memory_bio(std::string_view text) {
    if (text.size() > max_pem_bytes) {
        throw std::runtime_error("a PEM text of more than 1 MiB");
    }
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

/// Instead of OpenSSL's question on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

/// Every certificate of a PEM text; none when one of them is malformed.
std::vector<Certificate> read_certificates(std::string_view pem) {
    std::vector<Certificate> certificates;
    const Bio bio(memory_bio(pem));
    ERR_clear_error();
    for (;;) {
        Certificate one(PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr), &X509_free);
        if (one == nullptr) {
            break;
        }
        certificates.push_back(std::move(one));
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        certificates.clear();
    }
    ERR_clear_error();
    return certificates;
}

bool is_ip_address(const std::string& host) {
    boost::system::error_code error;
    static_cast<void>(boost::asio::ip::make_address(host, error));
    return !error;
}

}  // namespace

TlsClient::TlsClient(const TlsClientOptions& options)
    : context_(boost::asio::ssl::context::tls_client), server_name_(options.server_name) {
    SSL_CTX* ctx = context_.native_handle();
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Idle connections give their record buffers back.
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    // A record's header and body with one system call.
    SSL_CTX_set_read_ahead(ctx, 1);
    context_.set_verify_mode(
        options.insecure_skip_verify ? boost::asio::ssl::verify_none : boost::asio::ssl::verify_peer
    );
    if (SSL_CTX_set_alpn_protos(ctx, alpn_http11.data(), alpn_http11.size()) != 0) {
        throw std::runtime_error("OpenSSL refuses the protocol list");
    }
    load_trust(options);
    load_client_certificate(options);

    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, &TlsClient::on_new_session);
}

void TlsClient::load_trust(const TlsClientOptions& options) {
    SSL_CTX* ctx = context_.native_handle();
    if (options.insecure_skip_verify) {
        return;
    }
    if (!options.system_trust && options.ca_files.empty() && options.ca_pem.empty()) {
        throw std::runtime_error("no certificate authority is trusted: neither the system's nor a CA file");
    }
    if (options.system_trust && SSL_CTX_set_default_verify_paths(ctx) != 1) {
        throw std::runtime_error(fmt::format("cannot load the system's CAs: {}", last_openssl_reason()));
    }
    for (const std::string& file : options.ca_files) {
        ERR_clear_error();
        if (SSL_CTX_load_verify_file(ctx, file.c_str()) != 1) {
            throw std::runtime_error(fmt::format("cannot read the CA file {}: {}", file, last_openssl_reason()));
        }
    }
    if (!options.ca_pem.empty()) {
        const auto certificates = read_certificates(options.ca_pem);
        if (certificates.empty()) {
            throw std::runtime_error("the certificate authority is not a PEM certificate");
        }
        for (const Certificate& certificate : certificates) {
            if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), certificate.get()) != 1) {
                throw std::runtime_error(fmt::format("cannot trust a certificate: {}", last_openssl_reason()));
            }
        }
    }
}

void TlsClient::load_client_certificate(const TlsClientOptions& options) {
    const bool has_key = options.client_key_pem != nullptr && !options.client_key_pem->empty();
    if (options.client_certificate_pem.empty() != !has_key) {
        throw std::runtime_error("a client certificate and its key come together or not at all");
    }
    if (!has_key) {
        return;
    }
    ERR_clear_error();
    SSL_CTX* ctx = context_.native_handle();
    const auto chain = read_certificates(options.client_certificate_pem);
    if (chain.empty() || SSL_CTX_use_certificate(ctx, chain.front().get()) != 1) {
        throw std::runtime_error("the client certificate is not a PEM certificate");
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (SSL_CTX_add1_chain_cert(ctx, chain[i].get()) != 1) {
            throw std::runtime_error(fmt::format("cannot use the client certificate: {}", last_openssl_reason()));
        }
    }
    const Bio bio(memory_bio(options.client_key_pem->expose()));
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr), &EVP_PKEY_free
    );
    // Said without OpenSSL's words: it may quote what it could not read.
    if (key == nullptr) {
        ERR_clear_error();
        throw std::runtime_error("the client key is not a PEM private key without a passphrase");
    }
    if (SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
        ERR_clear_error();
        throw std::runtime_error("the client key is not that of the client certificate");
    }
}

bool TlsClient::bind(SSL* ssl, TlsPeer& peer) {
    const std::string& host = peer.client->server_name_.empty() ? peer.name.host : peer.client->server_name_;
    // An empty name would switch the check of the name off.
    if (!is_valid_host(host)) {
        return false;
    }
    if (is_ip_address(host)) {
        // SNI is for names only (RFC 6066, section 3).
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) != 1) {
            return false;
        }
    } else {
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (SSL_set1_host(ssl, host.c_str()) != 1 || SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) {
            return false;
        }
    }
    if (SSL_set_ex_data(ssl, peer_index(), &peer) != 1) {
        return false;
    }
    if (const Session session = peer.client->take(peer.session_key)) {
        // A session that OpenSSL will not use costs a full handshake, nothing more.
        static_cast<void>(SSL_set_session(ssl, session.get()));
        ERR_clear_error();
    }
    return true;
}

int TlsClient::on_new_session(SSL* ssl, SSL_SESSION* session) noexcept {
    const auto* peer = static_cast<const TlsPeer*>(SSL_get_ex_data(ssl, peer_index()));
    if (peer == nullptr || SSL_SESSION_is_resumable(session) != 1) {
        return 0;
    }
    peer->client->store(peer->session_key, Session(session));
    return 1;  // the reference is ours now
}

void TlsClient::store(const std::string& key, Session session) {
    const std::scoped_lock lock(mutex_);
    if (sessions_.size() >= max_servers && !sessions_.contains(key)) {
        return;
    }
    auto& kept = sessions_[key];
    if (kept.size() >= max_sessions_per_server) {
        kept.erase(kept.begin());
    }
    kept.push_back(std::move(session));
}

TlsClient::Session TlsClient::take(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = sessions_.find(key);
    if (found == sessions_.end() || found->second.empty()) {
        return nullptr;
    }
    auto& kept = found->second;
    if (SSL_SESSION_get_protocol_version(kept.back().get()) < TLS1_3_VERSION) {
        SSL_SESSION_up_ref(kept.back().get());
        return Session(kept.back().get());
    }
    // RFC 8446, appendix C.4: a ticket is used once.
    Session session = std::move(kept.back());
    kept.pop_back();
    return session;
}

std::shared_ptr<TlsClient> make_tls_client(const TlsClientOptions& options) {
    return std::make_shared<TlsClient>(options);
}

}  // namespace arngate::net
