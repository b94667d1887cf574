#include "daemon/http/byte_stream.hpp"

#include "core/base/openssl_errors.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <new>

namespace arngate::http {
namespace {

/// What errno says after a read or write on a socket gave -1.
IoStatus explain_errno(IoStatus again) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return again;
    }
    return errno == ECONNRESET || errno == EPIPE ? IoStatus::closed : IoStatus::failed;
}

}  // namespace

ByteStream::ByteStream(int descriptor, const TlsServer& tls) : descriptor_(descriptor) {
    if (tls == nullptr) {
        return;
    }
    ssl_.reset(SSL_new(tls.get()));
    if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), descriptor) != 1) {
        ERR_clear_error();
        throw std::bad_alloc();
    }
    SSL_set_accept_state(ssl_.get());
}

IoStatus ByteStream::explain(int result) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return IoStatus::want_read;
        case SSL_ERROR_WANT_WRITE:
            return IoStatus::want_write;
        case SSL_ERROR_ZERO_RETURN:
            return IoStatus::closed;
        case SSL_ERROR_SYSCALL:
            broken_ = true;
            failure_ = "connection lost";
            return IoStatus::closed;
        default:
            break;
    }
    broken_ = true;
    const unsigned long code = ERR_peek_error();
    ERR_clear_error();
    const int reason = ERR_GET_REASON(code);
    if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
        spoke_clear_text_ = reason == SSL_R_HTTP_REQUEST;
        if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
            // HTTP says where a message ends, so a missing close_notify cuts nothing off unseen.
            failure_ = "EOF";
            return IoStatus::closed;
        }
    }
    const char* words = ERR_reason_error_string(code);
    failure_ = words != nullptr ? words : "TLS failed";
    return IoStatus::failed;
}

IoStatus ByteStream::handshake() {
    if (ssl_ == nullptr) {
        return IoStatus::done;
    }
    clear_openssl_errors();
    const int result = SSL_do_handshake(ssl_.get());
    return result == 1 ? IoStatus::done : explain(result);
}

IoResult ByteStream::read_some(std::span<char> into) {
    if (ssl_ == nullptr) {
        const ssize_t got = ::recv(descriptor_, into.data(), into.size(), 0);
        if (got < 0) {
            return {.status = explain_errno(IoStatus::want_read)};
        }
        return {.status = got == 0 ? IoStatus::closed : IoStatus::done, .bytes = static_cast<std::size_t>(got)};
    }
    clear_openssl_errors();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    if (result == 1) {
        return {.status = IoStatus::done, .bytes = got};
    }
    return {.status = explain(result)};
}

IoResult ByteStream::write_some(std::string_view bytes) {
    if (ssl_ == nullptr) {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            return {.status = explain_errno(IoStatus::want_write)};
        }
        return {.status = IoStatus::done, .bytes = static_cast<std::size_t>(sent)};
    }
    clear_openssl_errors();
    std::size_t sent = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
    if (result == 1) {
        return {.status = IoStatus::done, .bytes = sent};
    }
    return {.status = explain(result)};
}

bool ByteStream::has_pending() const noexcept {
    return ssl_ != nullptr && SSL_has_pending(ssl_.get()) == 1;
}

void ByteStream::shut_down() noexcept {
    if (ssl_ != nullptr && !broken_ && SSL_is_init_finished(ssl_.get()) == 1) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
    ::shutdown(descriptor_, SHUT_WR);
}

IoResult ByteStream::discard_some() noexcept {
    std::array<char, 4096> nowhere;
    const ssize_t got = ::recv(descriptor_, nowhere.data(), nowhere.size(), 0);
    if (got < 0) {
        return {.status = explain_errno(IoStatus::want_read)};
    }
    return {.status = got == 0 ? IoStatus::closed : IoStatus::done, .bytes = static_cast<std::size_t>(got)};
}

std::string_view ByteStream::protocol() const noexcept {
    const unsigned char* name = nullptr;
    unsigned int length = 0;
    if (ssl_ != nullptr) {
        SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    }
    return {reinterpret_cast<const char*>(name), length};
}

std::string_view ByteStream::tls_version() const noexcept {
    return ssl_ != nullptr && SSL_is_init_finished(ssl_.get()) == 1 ? SSL_get_version(ssl_.get()) : "none";
}

void ByteStream::send_clear_text(std::string_view bytes) noexcept {
    broken_ = true;
    static_cast<void>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

}  // namespace arngate::http
