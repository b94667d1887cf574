#include "daemon/pki/self_signed.hpp"

#include "core/base/random.hpp"
#include "core/base/text.hpp"

#include <boost/asio/ip/address.hpp>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace arngate::pki {

namespace asio = boost::asio;

namespace {

constexpr long validity_days = 36'500;

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
using NamePtr = std::unique_ptr<GENERAL_NAME, Deleter<GENERAL_NAME_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using NumberPtr = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

/// What OpenSSL refuses here, it refuses for want of memory or by a policy of the system; start-up ends with it.
void require(bool done, const char* step) {
    if (!done) {
        const unsigned long code = ERR_get_error();
        std::array<char, 256> text{};
        ERR_error_string_n(code, text.data(), text.size());
        throw std::runtime_error(fmt::format("cannot make a certificate: {}: {}", step, text.data()));
    }
}

BioPtr memory() {
    BioPtr bio(BIO_new(BIO_s_mem()));
    require(bio != nullptr, "memory");
    return bio;
}

std::string content_of(BIO& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&bio, &data);
    return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

std::optional<asio::ip::address> parse_ip(std::string_view text) {
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(text, ec);
    if (ec) {
        return std::nullopt;
    }
    return address;
}

/// Letters, digits, hyphens and underscores in labels of 1 to 63; in all 253 (RFC 1035, section 2.3.4).
bool is_dns_name(std::string_view name) {
    if (name.empty() || name.size() > 253) {
        return false;
    }
    return std::ranges::all_of(text::split(name, '.'), [](std::string_view label) {
        return !label.empty() && label.size() <= 63 &&
               std::ranges::all_of(label, [](char c) { return text::is_alnum(c) || c == '-' || c == '_'; });
    });
}

void set_serial(X509& certificate) {
    std::array<unsigned char, 16> bytes{};
    random_bytes(bytes);
    bytes[0] |= 1U;  // never zero, which RFC 5280 forbids
    const NumberPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    require(
        number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr, "serial"
    );
}

void set_validity(X509& certificate, WallTime now) {
    const std::time_t from = std::chrono::system_clock::to_time_t(now);
    require(ASN1_TIME_adj(X509_getm_notBefore(&certificate), from, 0, 0) != nullptr, "notBefore");
    require(ASN1_TIME_adj(X509_getm_notAfter(&certificate), from, validity_days, 0) != nullptr, "notAfter");
}

void add_extension(X509& certificate, X509& issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    require(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1, "extension");
}

void add_name(GENERAL_NAMES& names, int type, std::string_view bytes) {
    NamePtr name(GENERAL_NAME_new());
    ASN1_STRING* value = ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    require(name != nullptr && value != nullptr, "memory");
    GENERAL_NAME_set0_value(name.get(), type, value);
    require(ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) == 1, "name");
    require(sk_GENERAL_NAME_push(&names, name.get()) > 0, "name");
    static_cast<void>(name.release());
}

void add_subject_names(X509& certificate, const SubjectNames& names) {
    const NamesPtr list(GENERAL_NAMES_new());
    require(list != nullptr, "memory");
    for (const std::string& name : names.dns) {
        add_name(*list, GEN_DNS, name);
    }
    for (const std::string& text : names.ips) {
        const auto address = parse_ip(text);
        require(address.has_value(), "address");
        std::string bytes;
        if (address->is_v4()) {
            for (const unsigned char byte : address->to_v4().to_bytes()) {
                bytes.push_back(static_cast<char>(byte));
            }
        } else {
            for (const unsigned char byte : address->to_v6().to_bytes()) {
                bytes.push_back(static_cast<char>(byte));
            }
        }
        add_name(*list, GEN_IPADD, bytes);
    }
    require(X509_add1_ext_i2d(&certificate, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) == 1, "names");
}

}  // namespace

void PkeyDeleter::operator()(EVP_PKEY* key) const noexcept {
    EVP_PKEY_free(key);
}

std::expected<SubjectNames, std::string> subject_names(std::string_view address, std::string_view hostname) {
    SubjectNames names;
    for (const std::string_view name : {address, hostname}) {
        if (name.empty()) {
            continue;
        }
        if (const auto ip = parse_ip(name)) {
            std::string text = ip->to_string();
            if (!ip->is_unspecified() && std::ranges::find(names.ips, text) == names.ips.end()) {
                names.ips.push_back(std::move(text));
            }
        } else if (is_dns_name(name)) {
            std::string folded = text::to_lower(name);
            if (std::ranges::find(names.dns, folded) == names.dns.end()) {
                names.dns.push_back(std::move(folded));
            }
        } else {
            return std::unexpected(fmt::format(
                "\"{}\" is neither an IP address nor a host name: change server.address or server.hostname", name
            ));
        }
    }
    if (names.dns.empty() && names.ips.empty()) {
        return std::unexpected(
            "a certificate needs a name: set server.hostname to the name or address that kube-apiserver will use"
        );
    }
    return names;
}

PrivateKey generate_key(KeyAlgorithm algorithm) {
    PrivateKey key(algorithm == KeyAlgorithm::rsa_2048 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    require(key != nullptr, "key");
    return key;
}

std::string private_key_pem(EVP_PKEY& key) {
    const BioPtr bio = memory();
    const int done = EVP_PKEY_is_a(&key, "RSA") == 1
                         ? PEM_write_bio_PrivateKey_traditional(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr)
                         : PEM_write_bio_PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
    require(done == 1, "key as PEM");
    return content_of(*bio);
}

namespace {

/// Everything but the issuer's part.
CertificatePtr unsigned_certificate(
    EVP_PKEY& key, const SubjectNames& names, WallTime now, std::string_view common_name
) {
    CertificatePtr owned(X509_new());
    require(owned != nullptr, "memory");
    X509& certificate = *owned;
    require(X509_set_version(&certificate, X509_VERSION_3) == 1, "version");
    set_serial(certificate);
    set_validity(certificate, now);

    const std::string name(common_name);
    require(
        X509_NAME_add_entry_by_NID(
            X509_get_subject_name(&certificate),
            NID_commonName,
            MBSTRING_ASC,
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL takes bytes
            reinterpret_cast<const unsigned char*>(name.c_str()),
            static_cast<int>(name.size()),
            -1,
            0
        ) == 1,
        "subject"
    );
    require(X509_set_pubkey(&certificate, &key) == 1, "public key");

    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    // Key encipherment is something only an RSA key can do.
    add_extension(
        certificate,
        certificate,
        NID_key_usage,
        EVP_PKEY_is_a(&key, "RSA") == 1 ? "critical,digitalSignature,keyEncipherment,keyCertSign"
                                        : "critical,digitalSignature,keyCertSign"
    );
    add_extension(certificate, certificate, NID_ext_key_usage, "serverAuth");
    add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
    add_subject_names(certificate, names);
    return owned;
}

std::string signed_pem(X509& certificate, X509_NAME* issuer, EVP_PKEY& issuer_key) {
    require(X509_set_issuer_name(&certificate, issuer) == 1, "issuer");
    require(X509_sign(&certificate, &issuer_key, EVP_sha256()) > 0, "signature");
    const BioPtr bio = memory();
    require(PEM_write_bio_X509(bio.get(), &certificate) == 1, "certificate as PEM");
    return content_of(*bio);
}

}  // namespace

std::string self_signed_certificate(
    EVP_PKEY& key, const SubjectNames& names, WallTime now, std::string_view common_name
) {
    const CertificatePtr certificate = unsigned_certificate(key, names, now, common_name);
    return signed_pem(*certificate, X509_get_subject_name(certificate.get()), key);
}

std::string cross_signed_certificate(
    EVP_PKEY& key,
    const SubjectNames& names,
    WallTime now,
    std::string_view common_name,
    X509& issuer,
    EVP_PKEY& issuer_key
) {
    const CertificatePtr certificate = unsigned_certificate(key, names, now, common_name);
    // Which of two certificates of one name signed this: verifiers look here first.
    add_extension(*certificate, issuer, NID_authority_key_identifier, "keyid");
    return signed_pem(*certificate, X509_get_subject_name(&issuer), issuer_key);
}

}  // namespace arngate::pki
