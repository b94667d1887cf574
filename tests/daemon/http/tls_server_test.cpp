#include "daemon/http/tls_server.hpp"

#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace arngate::http {
namespace {

using test::ClientOptions;
using test::shared_pair;
using test::TestClient;
using test::TestPair;
using test::TestServer;

class Ok final : public Handler {
public:
    bool handle(const Request& /*request*/, Response& response, const Defer& /*defer*/) override {
        response.body = "ok";
        return true;
    }
};

TlsServerOptions good_options() {
    TlsServerOptions options;
    options.certificate_file = shared_pair().certificate_file();
    options.key_file = shared_pair().key_file();
    return options;
}

std::string error_of(const TlsServerOptions& options) {
    const auto made = make_tls_server(options);
    return made ? "" : made.error();
}

TEST(TlsServer, NamesTheFileThatCannotBeRead) {
    TlsServerOptions options = good_options();
    options.certificate_file = "/nowhere/cert.pem";
    EXPECT_NE(error_of(options).find("/nowhere/cert.pem"), std::string::npos) << error_of(options);
    options = good_options();
    options.key_file = "/nowhere/key.pem";
    EXPECT_NE(error_of(options).find("/nowhere/key.pem"), std::string::npos) << error_of(options);
    options = good_options();
    options.client_ca_file = "/nowhere/ca.pem";
    EXPECT_NE(error_of(options).find("/nowhere/ca.pem"), std::string::npos) << error_of(options);
}

TEST(TlsServer, RefusesAKeyOfAnotherCertificate) {
    const TestPair other;
    TlsServerOptions options = good_options();
    options.key_file = other.key_file();
    EXPECT_NE(error_of(options).find(other.key_file()), std::string::npos);
    EXPECT_NE(error_of(options).find("mismatch"), std::string::npos) << error_of(options);
}

TEST(TlsServer, RefusesFilesThatAreNoPem) {
    const TestPair pair;
    std::ofstream(pair.certificate_file()) << "hello\n";
    TlsServerOptions options;
    options.certificate_file = pair.certificate_file();
    options.key_file = pair.key_file();
    EXPECT_TRUE(error_of(options).starts_with("certificate file " + pair.certificate_file() + ": "))
        << error_of(options);
}

std::string protocol_of(SSL* ssl) {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &name, &length);
    return {reinterpret_cast<const char*>(name), length};
}

TEST(TlsServer, SpeaksBothVersions) {
    Ok ok;
    TestServer server(ok);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        ClientOptions options;
        options.version = version;
        TestClient client(server.port(), options);
        ASSERT_TRUE(client.is_open());
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(client.read_answer().body, "ok");
    }
    EXPECT_NE(
        server.metrics_text().find("arngate_tls_handshakes_total{outcome=\"ok\",version=\"TLSv1.2\"} 1"),
        std::string::npos
    );
    EXPECT_NE(
        server.metrics_text().find("arngate_tls_handshakes_total{outcome=\"ok\",version=\"TLSv1.3\"} 1"),
        std::string::npos
    );
}

TEST(TlsServer, PrefersHttp2WhateverTheClientPrefers) {
    Ok ok;
    TestServer server(ok);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        ClientOptions options;
        options.version = version;
        options.protocols = "\x08http/1.1\x02h2";
        TestClient client(server.port(), options);
        ASSERT_TRUE(client.is_open());
        EXPECT_EQ(protocol_of(client.ssl()), "h2");
    }
}

TEST(TlsServer, GivesAClientWithoutAeadHttp11) {
    Ok ok;
    TestServer server(ok);
    ClientOptions options;
    options.version = TLS1_2_VERSION;
    options.suites = "ECDHE-ECDSA-AES128-SHA";
    options.protocols = "\x02h2\x08http/1.1";
    TestClient client(server.port(), options);
    ASSERT_TRUE(client.is_open());
    EXPECT_EQ(protocol_of(client.ssl()), "http/1.1");
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read_answer().body, "ok");
    options.protocols = "\x02h2";
    EXPECT_FALSE(TestClient(server.port(), options).is_open());
}

TEST(TlsServer, RefusesProtocolsItDoesNotSpeak) {
    Ok ok;
    test::ServerOptions http1;
    http1.protocols = {"http/1.1"};
    TestServer server(ok, http1);
    ClientOptions options;
    options.protocols = "\x02h2";
    EXPECT_FALSE(TestClient(server.port(), options).is_open());
    options.protocols = "\x02h3";
    EXPECT_FALSE(TestClient(server.port(), options).is_open());
    options.protocols = "";
    EXPECT_TRUE(TestClient(server.port(), options).is_open());
}

TEST(TlsServer, RefusesOldVersions) {
    Ok ok;
    TestServer server(ok);
    ClientOptions options;
    options.version = TLS1_1_VERSION;
    EXPECT_FALSE(TestClient(server.port(), options).is_open());
}

TEST(TlsServer, AsksForAClientCertificateWhenThereIsACa) {
    Ok ok;
    test::ServerOptions server_options;
    server_options.client_ca_file = shared_pair().certificate_file();
    TestServer server(ok, server_options);
    ClientOptions options;
    options.version = TLS1_2_VERSION;  // where the client learns of the refusal within its handshake
    EXPECT_FALSE(TestClient(server.port(), options).is_open());
    const TestPair stranger;
    options.certificate_file = stranger.certificate_file();
    options.key_file = stranger.key_file();
    EXPECT_FALSE(TestClient(server.port(), options).is_open());
    options.certificate_file = shared_pair().certificate_file();
    options.key_file = shared_pair().key_file();
    options.version = 0;
    TestClient client(server.port(), options);
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read_answer().body, "ok");
}

TEST(TlsServer, ANewCertificateServesConnectionsToCome) {
    Ok ok;
    TestServer server(ok);
    TestClient before(server.port());
    const TestPair fresh;
    TlsServerOptions options;
    options.certificate_file = fresh.certificate_file();
    options.key_file = fresh.key_file();
    const auto made = make_tls_server(options);
    ASSERT_TRUE(made) << made.error();
    server.on_loop([&] { server.listener().set_tls(*made); });
    TestClient after(server.port());
    EXPECT_NE(X509_cmp(SSL_get0_peer_certificate(before.ssl()), SSL_get0_peer_certificate(after.ssl())), 0);
    before.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(before.read_answer().body, "ok");
}

}  // namespace
}  // namespace arngate::http
