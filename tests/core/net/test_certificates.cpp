#include "tests/core/net/test_certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace arngate::net::test {

namespace {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

void check(bool ok, const char* what) {
    if (!ok) {
        throw std::runtime_error(what);
    }
}

std::string contents(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509* certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM_write_bio_X509");
    return contents(bio.get());
}

Certificate start_certificate(EVP_PKEY* key, long serial, const char* common_name) {
    Certificate certificate(X509_new());
    X509* raw = certificate.get();
    check(X509_set_version(raw, X509_VERSION_3) == 1, "X509_set_version");
    check(ASN1_INTEGER_set(X509_get_serialNumber(raw), serial) == 1, "serial");
    check(X509_gmtime_adj(X509_getm_notBefore(raw), -3600) != nullptr, "notBefore");
    check(X509_gmtime_adj(X509_getm_notAfter(raw), 86400) != nullptr, "notAfter");
    check(X509_set_pubkey(raw, key) == 1, "X509_set_pubkey");
    const auto* name = reinterpret_cast<const unsigned char*>(common_name);
    check(X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC, name, -1, -1, 0) == 1, "subject");
    return certificate;
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    check(extension != nullptr, "X509V3_EXT_conf_nid");
    check(X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

}  // namespace

struct TestCa::Parts {
    Key key;
    Certificate certificate;
};

TestCa::TestCa() : parts_(std::make_unique<Parts>()) {
    // Issuers are looked up by name, so each has its own.
    static int count = 0;
    const std::string name = "Test CA " + std::to_string(++count);
    parts_->key.reset(EVP_EC_gen("P-256"));
    check(parts_->key != nullptr, "EVP_EC_gen");
    parts_->certificate = start_certificate(parts_->key.get(), 1, name.c_str());
    X509* raw = parts_->certificate.get();
    check(X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1, "issuer");
    add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
    check(X509_sign(raw, parts_->key.get(), EVP_sha256()) > 0, "X509_sign");
}

TestCa::~TestCa() = default;

std::string TestCa::certificate_pem() const {
    return pem(parts_->certificate.get());
}

LeafPem TestCa::issue(const std::vector<std::string>& names) const {
    const Key key(EVP_EC_gen("P-256"));
    check(key != nullptr, "EVP_EC_gen");
    const Certificate certificate = start_certificate(key.get(), 2, "Test server");
    X509* raw = certificate.get();
    X509* issuer = parts_->certificate.get();
    check(X509_set_issuer_name(raw, X509_get_subject_name(issuer)) == 1, "issuer");
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ",") + name;
    }
    add_extension(raw, issuer, NID_subject_alt_name, list);
    check(X509_sign(raw, parts_->key.get(), EVP_sha256()) > 0, "X509_sign");

    const Bio bio(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "key PEM");
    return {.certificate = pem(raw), .key = contents(bio.get())};
}

TemporaryFile::TemporaryFile(const std::string& content)
    : path_((std::filesystem::temp_directory_path() / "arngate-test-XXXXXX").string()) {
    const int descriptor = ::mkstemp(path_.data());
    check(descriptor >= 0, "mkstemp");
    const auto written = ::write(descriptor, content.data(), content.size());
    ::close(descriptor);
    check(written == static_cast<ssize_t>(content.size()), "write");
}

TemporaryFile::~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

}  // namespace arngate::net::test
