#include "core/net/tls_stream.hpp"

#include "core/base/openssl_errors.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <sys/socket.h>

#include <cerrno>
#include <new>

namespace arngate::net {

namespace asio = boost::asio;
using asio::ip::tcp;

/// OpenSSL's own socket BIO would raise SIGPIPE, and would not know that a socket has been closed.
struct TlsStream::Callbacks {
    static Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

    static bool is_transient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

    static int read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
        Wire& wire = wire_of(bio);
        BIO_clear_retry_flags(bio);
        if (!wire.socket.is_open()) {
            wire.error = EBADF;
            return -1;
        }
        const ssize_t count = ::recv(wire.socket.native_handle(), into, size, 0);
        if (count > 0) {
            *got = static_cast<std::size_t>(count);
            return 1;
        }
        if (count == 0) {
            wire.ended = true;
            return 0;
        }
        if (is_transient(errno)) {
            BIO_set_retry_read(bio);
        } else {
            wire.error = errno;
        }
        return -1;
    }

    static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* sent) {
        Wire& wire = wire_of(bio);
        BIO_clear_retry_flags(bio);
        if (!wire.socket.is_open()) {
            wire.error = EBADF;
            return -1;
        }
        const ssize_t count = ::send(wire.socket.native_handle(), bytes, size, MSG_NOSIGNAL);
        if (count > 0) {
            *sent = static_cast<std::size_t>(count);
            return 1;
        }
        if (count < 0 && is_transient(errno)) {
            BIO_set_retry_write(bio);
        } else {
            wire.error = errno;
        }
        return -1;
    }

    static long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
        switch (command) {
            case BIO_CTRL_EOF:
                return wire_of(bio).ended ? 1 : 0;
            case BIO_CTRL_FLUSH:
                return 1;
            default:
                return 0;
        }
    }

    static BIO_METHOD* make_method() {
        BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        if (method == nullptr || BIO_meth_set_read_ex(method, &read) != 1 ||
            BIO_meth_set_write_ex(method, &write) != 1 || BIO_meth_set_ctrl(method, &control) != 1) {
            throw std::bad_alloc();
        }
        return method;
    }

    /// Lives as long as the process.
    static const BIO_METHOD* method() {
        static const BIO_METHOD* const made = make_method();
        return made;
    }
};

TlsStream::TlsStream(const asio::any_io_executor& executor, SSL_CTX* context)
    : wire_{.socket = tcp::socket(executor)}, ssl_(SSL_new(context)) {
    BIO* bio = ssl_ == nullptr ? nullptr : BIO_new(Callbacks::method());
    if (bio == nullptr) {
        ERR_clear_error();
        throw std::bad_alloc();
    }
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_mode(ssl_.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_set_connect_state(ssl_.get());
}

TlsStream::~TlsStream() {
    // Without this OpenSSL would spoil the newest session of a connection whose end no close_notify announced.
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TlsStep TlsStream::handshake() {
    boost::system::error_code error;
    wire_.socket.native_non_blocking(true, error);
    if (error) {
        return {.wait_for = {}, .error = error};
    }
    clear_openssl_errors();
    const int result = SSL_do_handshake(ssl_.get());
    return result == 1 ? TlsStep{} : explain(result);
}

TlsStep TlsStream::write_some(std::string_view bytes) {
    clear_openssl_errors();
    std::size_t sent = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
    return result == 1 ? TlsStep{.bytes = sent, .wait_for = {}, .error = {}} : explain(result);
}

TlsStep TlsStream::read_some(std::span<char> into) {
    clear_openssl_errors();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
    return result == 1 ? TlsStep{.bytes = got, .wait_for = {}, .error = {}} : explain(result);
}

TlsStep TlsStream::explain(int result) {
    TlsStep step;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            step.wait_for = tcp::socket::wait_read;
            return step;
        case SSL_ERROR_WANT_WRITE:
            step.wait_for = tcp::socket::wait_write;
            return step;
        case SSL_ERROR_ZERO_RETURN:
            step.error = asio::error::eof;
            return step;
        default:
            break;
    }
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (wire_.error != 0) {
        step.error.assign(wire_.error, asio::error::get_system_category());
    } else if (wire_.ended || code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        step.error = asio::ssl::error::stream_truncated;
    } else {
        step.error.assign(static_cast<int>(code), asio::error::get_ssl_category());
    }
    return step;
}

}  // namespace arngate::net
