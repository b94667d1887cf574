#include "bench/arngate-bench/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

namespace arngate::bench {
namespace {

struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

std::unique_ptr<BIO, FreeBio> reader_of(const std::string& pem) {
    return std::unique_ptr<BIO, FreeBio>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::vector<Certificate> certificates_of(const std::string& pem) {
    const auto bio = reader_of(pem);
    std::vector<Certificate> found;
    while (X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        found.emplace_back(certificate);
    }
    ERR_clear_error();
    return found;
}

std::expected<void, std::string> trust(SSL_CTX* context, const Target& target) {
    if (target.is_insecure) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
        return {};
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    // A certificate that is trusted is enough, also when it signed itself and is no authority: as Go has it.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    if (target.authority.empty()) {
        SSL_CTX_set_default_verify_paths(context);
        return {};
    }
    const auto authorities = certificates_of(target.authority);
    if (authorities.empty()) {
        return std::unexpected("the certificate authority is not a PEM certificate");
    }
    for (const Certificate& authority : authorities) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
    }
    return {};
}

std::expected<void, std::string> present(SSL_CTX* context, const Target& target) {
    if (target.client_chain.empty() && target.client_key.empty()) {
        return {};
    }
    const auto chain = certificates_of(target.client_chain);
    const auto bio = reader_of(target.client_key);
    const std::unique_ptr<EVP_PKEY, FreeKey> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    if (chain.empty() || key == nullptr || SSL_CTX_use_certificate(context, chain.front().get()) != 1 ||
        SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        ERR_clear_error();
        return std::unexpected("the client certificate and its key do not belong together, or are not PEM");
    }
    for (const Certificate& more : std::span(chain).subspan(1)) {
        SSL_CTX_add1_chain_cert(context, more.get());
    }
    return {};
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

std::expected<TlsContext, std::string> make_tls_context(const Target& target, Protocol protocol) {
    TlsContext context(SSL_CTX_new(TLS_client_method()));
    if (context == nullptr) {
        throw std::bad_alloc();
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One system call a read instead of two a record.
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    const std::string_view offer = protocol == Protocol::h2 ? "\x02h2" : "\x08http/1.1";
    SSL_CTX_set_alpn_protos(
        context.get(), reinterpret_cast<const unsigned char*>(offer.data()), static_cast<unsigned>(offer.size())
    );
    if (const auto trusted = trust(context.get(), target); !trusted) {
        return std::unexpected(trusted.error());
    }
    if (const auto presented = present(context.get(), target); !presented) {
        return std::unexpected(presented.error());
    }
    return context;
}

TlsStream::TlsStream(SSL_CTX& context, const Target& target, const SocketAddress& address) {
    descriptor_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {
        throw std::system_error(
            errno, std::generic_category(), "no socket (raise 'ulimit -n' or use fewer connections)"
        );
    }
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ssl_.reset(SSL_new(&context));
    const std::string& name = target.server_name.empty() ? target.host : target.server_name;
    if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), descriptor_) != 1) {
        ::close(descriptor_);
        throw std::runtime_error("no memory for a TLS connection");
    }
    if (is_address(name)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), name.c_str());
    } else {
        SSL_set1_host(ssl_.get(), name.c_str());
        SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
    }
    SSL_set_connect_state(ssl_.get());
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 &&
        errno != EINPROGRESS) {
        is_broken_ = true;
        failure_ = std::generic_category().message(errno);
    }
}

TlsStream::~TlsStream() {
    if (is_connected_ && !is_broken_) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
    ::close(descriptor_);
}

TlsStream::Status TlsStream::explain(int result) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return Status::again;
        case SSL_ERROR_ZERO_RETURN:
            return Status::closed;
        default:
            break;
    }
    is_broken_ = true;
    const unsigned long code = ERR_peek_error();
    ERR_clear_error();
    if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK) {
        failure_ = fmt::format("the certificate is not trusted: {}", X509_verify_cert_error_string(verified));
    } else if (const char* const words = ERR_reason_error_string(code)) {
        failure_ = fmt::format("TLS: {}", words);
    } else {
        failure_ = "the connection was closed";
    }
    return Status::closed;
}

TlsStream::Status TlsStream::connect() {
    if (is_broken_) {
        return Status::closed;
    }
    if (!is_connected_) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            is_broken_ = true;
            failure_ = std::generic_category().message(error);
            return Status::closed;
        }
    }
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) {
        return explain(result);
    }
    is_connected_ = true;
    return Status::done;
}

bool TlsStream::speaks(Protocol protocol) const noexcept {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    const std::string_view chosen(reinterpret_cast<const char*>(name), size);
    return protocol == Protocol::h2 ? chosen == "h2" : chosen.empty() || chosen == "http/1.1";
}

TlsStream::Status TlsStream::read(std::string& into) {
    into.resize(16'384);
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    into.resize(result == 1 ? got : 0);
    return result == 1 ? Status::done : explain(result);
}

TlsStream::Status TlsStream::write(std::string& bytes) {
    std::size_t written = 0;
    auto status = Status::done;
    while (written < bytes.size()) {
        std::size_t sent = 0;
        ERR_clear_error();
        const int result = SSL_write_ex(ssl_.get(), bytes.data() + written, bytes.size() - written, &sent);
        if (result != 1) {
            status = explain(result);
            break;
        }
        written += sent;
    }
    bytes.erase(0, written);
    return status;
}

}  // namespace arngate::bench
