#include "tests/daemon/http/test_client.hpp"

#include "core/base/text.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace arngate::http::test {

TestClient::TestClient(std::uint16_t port, const ClientOptions& options)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (options.receive_buffer != 0) {
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof options.receive_buffer);
    }
    const sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}
    };
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
    open_ = true;
    if (options.transport == Transport::clear_text) {
        return;
    }
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (options.version != 0) {
        SSL_CTX_set_min_proto_version(context_.get(), options.version);
        SSL_CTX_set_max_proto_version(context_.get(), options.version);
    }
    if (!options.suites.empty()) {
        SSL_CTX_set_cipher_list(context_.get(), options.suites.c_str());
    }
    if (!options.certificate_file.empty()) {
        SSL_CTX_use_certificate_chain_file(context_.get(), options.certificate_file.c_str());
        SSL_CTX_use_PrivateKey_file(context_.get(), options.key_file.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(SSL_new(context_.get()));
    if (!options.protocols.empty()) {
        SSL_set_alpn_protos(
            ssl_.get(),
            reinterpret_cast<const unsigned char*>(options.protocols.data()),
            static_cast<unsigned>(options.protocols.size())
        );
    }
    SSL_set_fd(ssl_.get(), socket_);
    open_ = SSL_connect(ssl_.get()) == 1;
}

TestClient::~TestClient() {
    ssl_.reset();
    ::close(socket_);
}

void TestClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t sent = 0;
        if (ssl_ != nullptr) {
            if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) != 1) {
                return;  // the server has ended the connection; what it said is still to be read
            }
        } else {
            const ssize_t result = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (result <= 0) {
                return;
            }
            sent = static_cast<std::size_t>(result);
        }
        bytes.remove_prefix(sent);
    }
}

void TestClient::finish_sending() {
    if (ssl_ != nullptr) {
        SSL_shutdown(ssl_.get());
    }
    ::shutdown(socket_, SHUT_WR);
}

bool TestClient::read_more() {
    std::array<char, 16 * 1024> buffer;
    std::size_t got = 0;
    if (ssl_ != nullptr) {
        if (SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got) != 1) {
            return false;
        }
    } else {
        const ssize_t result = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (result <= 0) {
            return false;
        }
        got = static_cast<std::size_t>(result);
    }
    unread_.append(buffer.data(), got);
    return true;
}

Answer TestClient::read_answer(bool head_only) {
    Answer answer;
    std::size_t head_end = 0;
    while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos) {
        if (!read_more()) {
            return answer;
        }
    }
    const std::string head = unread_.substr(0, head_end);
    unread_.erase(0, head_end + 4);
    const auto lines = text::split(head, '\n');
    answer.status = std::stoi(std::string(lines[0].substr(lines[0].find(' ') + 1, 3)));
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto colon = lines[i].find(':');
        answer.headers[text::to_lower(lines[i].substr(0, colon))] = text::trim(lines[i].substr(colon + 1));
    }
    if (head_only || !answer.headers.contains("content-length")) {
        return answer;
    }
    const std::size_t length = std::stoul(answer.headers["content-length"]);
    while (unread_.size() < length) {
        if (!read_more()) {
            return Answer{};
        }
    }
    answer.body = unread_.substr(0, length);
    unread_.erase(0, length);
    return answer;
}

std::string TestClient::read_some() {
    static_cast<void>(read_more());
    return std::exchange(unread_, {});
}

std::string TestClient::read_to_end() {
    while (read_more()) {
    }
    return std::exchange(unread_, {});
}

}  // namespace arngate::http::test
