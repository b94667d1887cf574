// What a client of one server of its own may ask for: a client certificate, another name, one authority as text.
#include "core/net/https_pool.hpp"

#include "tests/core/net/pool_fixture.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace arngate::net::test {
namespace {

class HttpsPoolClientTest : public PoolTest {
protected:
    [[nodiscard]] HttpsPoolOptions with_ca_text() const {
        auto all = options();
        all.tls.ca_files.clear();
        all.tls.ca_pem = ca().certificate_pem();
        return all;
    }
    static void use_certificate(HttpsPoolOptions& all, const LeafPem& leaf) {
        all.tls.client_certificate_pem = leaf.certificate;
        all.tls.client_key_pem = std::make_shared<Secret>(leaf.key);
    }
    /// What make_tls_client says of these options; empty when they are fine.
    [[nodiscard]] static std::string refusal(const TlsClientOptions& tls) {
        try {
            static_cast<void>(make_tls_client(tls));
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return {};
    }
};

TEST_F(HttpsPoolClientTest, TrustsAnAuthorityGivenAsText) {
    const auto pool = make_pool(with_ca_text());
    expect_ok(exchange(*pool));

    const TestCa other;
    auto all = with_ca_text();
    all.tls.ca_pem = other.certificate_pem();
    const auto wary = make_pool(all);
    expect_failure(exchange(*wary), Reason::sts_unreachable, "certificate verify failed");
    all.tls.ca_pem += ca().certificate_pem();
    const auto both = make_pool(all);
    expect_ok(exchange(*both));
}

TEST_F(HttpsPoolClientTest, ShowsItsCertificate) {
    const TestCa clients;
    server.require_client_certificate(clients.certificate_pem());
    auto all = with_ca_text();
    use_certificate(all, clients.issue({"DNS:client"}));
    const auto pool = make_pool(all);
    expect_ok(exchange(*pool));
}

TEST_F(HttpsPoolClientTest, IsRefusedWithoutTheRightCertificate) {
    const TestCa clients;
    server.require_client_certificate(clients.certificate_pem());
    const auto none = make_pool(with_ca_text());
    EXPECT_FALSE(exchange(*none));
    auto all = with_ca_text();
    use_certificate(all, TestCa().issue({"DNS:client"}));
    const auto other = make_pool(all);
    EXPECT_FALSE(exchange(*other));
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpsPoolClientTest, VerifiesAndSendsTheNameItIsGiven) {
    auto all = with_ca_text();
    all.tls.server_name = std::string(server_name);
    const auto pool = make_pool(all);
    const Endpoint by_address{.host = "127.0.0.1", .port = server.port()};
    expect_ok(run(io, pool->exchange(by_address, get(), far_away())));
    EXPECT_EQ(server.last_sni(), server_name);
    all.tls.server_name = "other.example";
    const auto wrong = make_pool(all);
    expect_failure(exchange(*wrong), Reason::sts_unreachable, "hostname mismatch");
}

TEST_F(HttpsPoolClientTest, SkipsTheCheckWhenToldTo) {
    auto all = options();
    all.tls = {};
    all.tls.insecure_skip_verify = true;
    const auto pool = make_pool(all);
    const Endpoint other{.host = "any.example", .port = 443};
    expect_ok(run(io, pool->exchange(other, get(), far_away())));
}

TEST_F(HttpsPoolClientTest, RefusesTextsThatAreNoCertificatesOrKeys) {
    const LeafPem leaf = ca().issue({"DNS:client"});
    const LeafPem other = ca().issue({"DNS:client"});
    TlsClientOptions tls;
    tls.system_trust = false;
    for (const std::string& text :
         {std::string("no PEM"),
          leaf.key,
          leaf.certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
        tls.ca_pem = text;
        EXPECT_EQ(refusal(tls), "the certificate authority is not a PEM certificate");
    }
    tls.ca_pem = std::string(1024UL * 1024 + 1, 'x');
    EXPECT_EQ(refusal(tls), "a PEM text of more than 1 MiB");

    tls.ca_pem = ca().certificate_pem();
    EXPECT_EQ(refusal(tls), "");
    tls.client_certificate_pem = leaf.certificate;
    EXPECT_EQ(refusal(tls), "a client certificate and its key come together or not at all");
    tls.client_key_pem = std::make_shared<Secret>("f00dfeed");
    EXPECT_EQ(refusal(tls), "the client key is not a PEM private key without a passphrase");
    tls.client_key_pem = std::make_shared<Secret>(other.key);
    EXPECT_EQ(refusal(tls), "the client key is not that of the client certificate");
    tls.client_key_pem = std::make_shared<Secret>(leaf.key);
    EXPECT_EQ(refusal(tls), "");
    tls.client_certificate_pem = "no PEM";
    EXPECT_EQ(refusal(tls), "the client certificate is not a PEM certificate");
    tls.client_certificate_pem.clear();
    EXPECT_EQ(refusal(tls), "a client certificate and its key come together or not at all");
}

TEST_F(HttpsPoolClientTest, DoesNotRepeatARequestWithABody) {
    server.script({read(), send(answer(200, "ok")), read(), cut()});
    const auto pool = make_pool(with_ca_text());
    expect_ok(exchange(*pool));
    HttpRequest request = get();
    request.method = "PUT";
    request.body = "{}";
    const auto result = run(io, pool->exchange(endpoint(), std::move(request), far_away()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, Reason::sts_unreachable);
    EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace arngate::net::test
