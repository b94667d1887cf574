#include "tests/support/fake_sts/certificates.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace arngate::fake_sts {
namespace {

constexpr long ten_years = 3650L * 24 * 3600;

struct Deleter {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(X509* cert) const noexcept { X509_free(cert); }
    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
    void operator()(BIGNUM* number) const noexcept { BN_free(number); }
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter>;
using CertPointer = std::unique_ptr<X509, Deleter>;

void require(bool ok, std::string_view what) {
    if (!ok) {
        throw std::runtime_error(fmt::format("making certificates: {}", what));
    }
}

KeyPointer make_key() {
    KeyPointer key(EVP_EC_gen("P-256"));
    require(key != nullptr, "no P-256 key");
    return key;
}

void add_extension(X509* cert, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Deleter> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())
    );
    require(extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1, "bad extension");
}

CertPointer begin(const std::string& common_name, EVP_PKEY* key) {
    CertPointer cert(X509_new());
    const std::unique_ptr<BIGNUM, Deleter> serial(BN_new());
    require(cert != nullptr && serial != nullptr, "out of memory");
    bool ok = BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1;
    ok = ok && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(cert.get())) != nullptr;
    ok = ok && X509_set_version(cert.get(), X509_VERSION_3) == 1;
    ok = ok && X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600) != nullptr;
    ok = ok && X509_gmtime_adj(X509_getm_notAfter(cert.get()), ten_years) != nullptr;
    ok = ok && X509_set_pubkey(cert.get(), key) == 1;
    const auto* const name = reinterpret_cast<const unsigned char*>(common_name.c_str());
    X509_NAME* const subject = X509_get_subject_name(cert.get());
    ok = ok && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1;
    require(ok, "bad certificate fields");
    return cert;
}

std::unique_ptr<std::FILE, Deleter> open_file(const std::filesystem::path& path) {
    std::unique_ptr<std::FILE, Deleter> file(std::fopen(path.c_str(), "w"));
    require(file != nullptr, fmt::format("cannot write {}", path.string()));
    return file;
}

void write_cert(const std::filesystem::path& path, X509* cert) {
    const auto file = open_file(path);
    require(PEM_write_X509(file.get(), cert) == 1, "cannot write a certificate");
}

void write_key(const std::filesystem::path& path, EVP_PKEY* key) {
    const auto file = open_file(path);
    using std::filesystem::perms;
    std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
    require(PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "cannot write the key");
}

}  // namespace

CertificateFiles write_certificates(const std::filesystem::path& directory, const std::vector<std::string>& names) {
    std::filesystem::create_directories(directory);
    const CertificateFiles files{
        .ca = directory / "ca.pem", .cert = directory / "cert.pem", .key = directory / "key.pem"
    };

    const KeyPointer ca_key = make_key();
    const CertPointer ca = begin("fake STS test authority", ca_key.get());
    require(X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())) == 1, "bad issuer");
    add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) > 0, "cannot sign the authority");

    std::string alternatives = "DNS:localhost,IP:127.0.0.1";
    for (const std::string& name : names) {
        alternatives += ",DNS:" + name;
    }
    const KeyPointer key = make_key();
    const CertPointer cert = begin("fake STS", key.get());
    require(X509_set_issuer_name(cert.get(), X509_get_subject_name(ca.get())) == 1, "bad issuer");
    add_extension(cert.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(cert.get(), ca.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(cert.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(cert.get(), ca.get(), NID_subject_key_identifier, "hash");
    add_extension(cert.get(), ca.get(), NID_authority_key_identifier, "keyid:always");
    add_extension(cert.get(), ca.get(), NID_subject_alt_name, alternatives);
    require(X509_sign(cert.get(), ca_key.get(), EVP_sha256()) > 0, "cannot sign the certificate");

    write_cert(files.ca, ca.get());
    write_cert(files.cert, cert.get());
    write_key(files.key, key.get());
    return files;
}

}  // namespace arngate::fake_sts
