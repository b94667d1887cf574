#include "tests/daemon/http/test_server.hpp"

#include "daemon/http/tls_server.hpp"

#include <boost/asio/post.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <stdexcept>
#include <utility>

namespace arngate::http::test {

namespace asio = boost::asio;

TestPair::TestPair() {
    std::string pattern = (std::filesystem::temp_directory_path() / "arngate-http-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24L * 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("arngate test"), -1, -1, 0
    );
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const auto write = [](const std::string& path, const auto& put) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
        put(file.get());
    };
    write(certificate_file(), [&](std::FILE* file) { PEM_write_X509(file, certificate.get()); });
    write(key_file(), [&](std::FILE* file) {
        PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

TestPair::~TestPair() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

const TestPair& shared_pair() {
    static const TestPair pair;
    return pair;
}

TestServer::TestServer(Handler& handler, const ServerOptions& options) {
    // As the daemon does: OpenSSL writes to sockets without MSG_NOSIGNAL.
    std::signal(SIGPIPE, SIG_IGN);
    auto sockets = bind_sockets("127.0.0.1", 0, 1);
    if (!sockets) {
        throw std::runtime_error(sockets.error());
    }
    ListenerOptions with;
    with.limits = options.limits;
    with.sweep_interval = std::chrono::milliseconds(0);
    if (options.transport == Transport::tls) {
        TlsServerOptions tls;
        tls.certificate_file = shared_pair().certificate_file();
        tls.key_file = shared_pair().key_file();
        tls.client_ca_file = options.client_ca_file;
        tls.protocols = options.protocols;
        auto made = make_tls_server(tls);
        if (!made) {
            throw std::runtime_error(made.error());
        }
        with.tls = std::move(*made);
    }
    listener_ = std::make_unique<Listener>(
        loop_.get_executor(), std::move(sockets->front()), std::move(with), handler, clock_, metrics_
    );
    port_ = listener_->port();
    listener_->start();
    thread_ = std::thread([this] { loop_.run(); });
}

TestServer::~TestServer() {
    on_loop([this] { listener_.reset(); });
    work_.reset();
    thread_.join();
}

void TestServer::on_loop(const std::function<void()>& action) {
    // Shared: the waiter may be gone before set_value returns.
    const auto done = std::make_shared<std::promise<void>>();
    asio::post(loop_, [done, &action] {
        action();
        done->set_value();
    });
    done->get_future().get();
}

bool TestServer::reaches(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    bool reached = false;
    while (!reached && std::chrono::steady_clock::now() < end) {
        on_loop([&] { reached = condition(); });
        std::this_thread::yield();
    }
    return reached;
}

bool TestServer::reaches_connections(std::size_t count) {
    return reaches([&] { return listener_->connections() == count; });
}

void TestServer::pass_time(std::chrono::milliseconds span) {
    on_loop([&] {
        clock_.advance(span);
        listener_->sweep();
    });
}

}  // namespace arngate::http::test
