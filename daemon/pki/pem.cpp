#include "daemon/pki/pem.hpp"

#include <boost/asio/ip/address.hpp>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace arngate::pki {

namespace asio = boost::asio;

namespace {

struct BioDeleter {
    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

struct NamesDeleter {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

BioPtr reader(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
    return -1;
}

Certificate next_certificate(BIO& bio) {
    Certificate certificate(PEM_read_bio_X509(&bio, nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    return certificate;
}

std::optional<WallTime> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string_view bytes_of(const ASN1_STRING* text) {
    const unsigned char* data = ASN1_STRING_get0_data(text);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL gives bytes
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

template <class Address>
void add_address(std::string_view bytes, std::vector<std::string>& out) {
    typename Address::bytes_type raw{};
    if (bytes.size() == raw.size()) {
        std::memcpy(raw.data(), bytes.data(), raw.size());
        out.push_back(Address(raw).to_string());
    }
}

}  // namespace

void CertificateDeleter::operator()(X509* certificate) const noexcept {
    X509_free(certificate);
}

PrivateKey parse_key(std::string_view pem) {
    const BioPtr bio = reader(pem);
    PrivateKey key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
    ERR_clear_error();
    return key;
}

Certificate parse_certificate(std::string_view pem) {
    const BioPtr bio = reader(pem);
    return bio ? next_certificate(*bio) : nullptr;
}

std::vector<Certificate> parse_certificates(std::string_view pem) {
    std::vector<Certificate> certificates;
    const BioPtr bio = reader(pem);
    if (bio == nullptr) {
        return certificates;
    }
    while (Certificate certificate = next_certificate(*bio)) {
        certificates.push_back(std::move(certificate));
    }
    return certificates;
}

std::string certificate_pem(const X509& certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (bio == nullptr || PEM_write_bio_X509(bio.get(), &certificate) != 1) {
        throw std::runtime_error("cannot write a certificate as PEM");
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

bool belong_together(const X509& certificate, const EVP_PKEY& key) {
    const bool match = X509_check_private_key(&certificate, &key) == 1;
    ERR_clear_error();
    return match;
}

bool is_self_signed(const X509& certificate) {
    // Names alone: every certificate of ours that another one signed has another name than that one.
    return X509_NAME_cmp(X509_get_subject_name(&certificate), X509_get_issuer_name(&certificate)) == 0;
}

std::optional<WallTime> not_after(const X509& certificate) {
    return time_of(X509_get0_notAfter(&certificate));
}

std::optional<WallTime> not_before(const X509& certificate) {
    return time_of(X509_get0_notBefore(&certificate));
}

std::string common_name_of(const X509& certificate) {
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    const int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (place < 0) {
        return {};
    }
    return std::string(bytes_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place))));
}

SubjectNames names_of(const X509& certificate) {
    SubjectNames names;
    const std::unique_ptr<GENERAL_NAMES, NamesDeleter> list(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))
    );
    ERR_clear_error();
    for (int i = 0; list != nullptr && i < sk_GENERAL_NAME_num(list.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
        if (name->type == GEN_DNS) {
            names.dns.emplace_back(bytes_of(name->d.dNSName));
        } else if (name->type == GEN_IPADD) {
            add_address<asio::ip::address_v4>(bytes_of(name->d.iPAddress), names.ips);
            add_address<asio::ip::address_v6>(bytes_of(name->d.iPAddress), names.ips);
        }
    }
    return names;
}

std::string fingerprint(const X509& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) {
        throw std::runtime_error("cannot hash a certificate");
    }
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
        out += fmt::format("{:02x}", digest.at(i));
    }
    return out;
}

}  // namespace arngate::pki
