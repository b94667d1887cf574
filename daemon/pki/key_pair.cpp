#include "daemon/pki/key_pair.hpp"

#include "daemon/pki/atomic_file.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace arngate::pki {

namespace {

struct BioDeleter {
    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
struct CertificateDeleter {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;
using CertificatePtr = std::unique_ptr<X509, CertificateDeleter>;

BioPtr reader(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// A daemon has nobody to ask for a passphrase: an encrypted key is unreadable.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
    return -1;
}

PrivateKey parse_key(std::string_view pem) {
    const BioPtr bio = reader(pem);
    PrivateKey key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
    ERR_clear_error();
    return key;
}

CertificatePtr parse_certificate(std::string_view pem) {
    const BioPtr bio = reader(pem);
    CertificatePtr certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
    ERR_clear_error();
    return certificate;
}

std::optional<WallTime> not_after(const X509& certificate) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &parts) != 1) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

/// Whether something of that name is there; a name that cannot be looked at is an error.
std::expected<bool, std::string> exists(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        return true;
    }
    if (errno == ENOENT) {
        return false;
    }
    return std::unexpected(fmt::format("cannot look at {}: {}", path, std::system_category().message(errno)));
}

std::string directory_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
}

std::expected<Secret, std::string> read_secret(const std::string& path) {
    auto content = read_file(path);
    if (!content) {
        return std::unexpected(std::move(content).error());
    }
    Secret secret(*content);
    wipe(*content);
    return secret;
}

/// Makes what is missing. The directory is locked.
std::expected<KeyPairOrigin, std::string> complete(const KeyPairRequest& request, bool has_key, WallTime now) {
    const auto names = subject_names(request.address, request.hostname);
    if (!names) {
        return std::unexpected(names.error());
    }
    if (has_key) {
        const auto pem = read_secret(request.key_file);
        if (!pem) {
            return std::unexpected(pem.error());
        }
        const PrivateKey key = parse_key(pem->expose());
        if (key == nullptr) {
            return std::unexpected(fmt::format(
                "{} holds no private key in PEM form that can be read without a passphrase", request.key_file
            ));
        }
        const std::string certificate = self_signed_certificate(*key, *names, now);
        auto written = write_file(request.certificate_file, certificate, 0666, Existing::keep);
        if (!written) {
            return std::unexpected(std::move(written).error());
        }
        return KeyPairOrigin::new_certificate;
    }

    const PrivateKey key = generate_key(request.algorithm);
    const std::string certificate = self_signed_certificate(*key, *names, now);
    std::string key_pem = private_key_pem(*key);
    // A certificate whose key is gone is worth nothing. It goes first, so that a crash between the two steps leaves a
    // key without a certificate, which the next start completes, and never two files that do not belong together.
    if (::unlink(request.certificate_file.c_str()) != 0 && errno != ENOENT) {
        wipe(key_pem);
        return std::unexpected(fmt::format(
            "cannot replace {}, whose key is missing: {}",
            request.certificate_file,
            std::system_category().message(errno)
        ));
    }
    auto written = write_file(request.key_file, key_pem, 0600, Existing::keep);
    wipe(key_pem);
    if (written) {
        written = write_file(request.certificate_file, certificate, 0666, Existing::keep);
    }
    if (!written) {
        return std::unexpected(std::move(written).error());
    }
    return KeyPairOrigin::generated;
}

}  // namespace

std::expected<KeyPair, std::string> load_key_pair(const std::string& certificate_file, const std::string& key_file) {
    auto certificate_pem = read_file(certificate_file);
    if (!certificate_pem) {
        return std::unexpected(std::move(certificate_pem).error());
    }
    auto key_pem = read_secret(key_file);
    if (!key_pem) {
        return std::unexpected(std::move(key_pem).error());
    }
    const CertificatePtr certificate = parse_certificate(*certificate_pem);
    if (certificate == nullptr) {
        return std::unexpected(fmt::format("{} holds no certificate in PEM form", certificate_file));
    }
    const PrivateKey key = parse_key(key_pem->expose());
    if (key == nullptr) {
        return std::unexpected(
            fmt::format("{} holds no private key in PEM form that can be read without a passphrase", key_file)
        );
    }
    const bool match = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    if (!match) {
        return std::unexpected(fmt::format(
            "{} and {} do not belong together: restore the missing half, or move both away to get a new pair "
            "(kube-apiserver must then be given the new kubeconfig)",
            certificate_file,
            key_file
        ));
    }
    const auto end = not_after(*certificate);
    if (!end) {
        return std::unexpected(fmt::format("{} has no readable end of validity", certificate_file));
    }
    return KeyPair{std::move(*certificate_pem), std::move(*key_pem), *end, KeyPairOrigin::loaded};
}

std::expected<KeyPair, std::string> load_or_create_key_pair(const KeyPairRequest& request, WallTime now) {
    const auto lock = DirectoryLock::acquire(directory_of(request.key_file));
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto has_key = exists(request.key_file);
    if (!has_key) {
        return std::unexpected(has_key.error());
    }
    const auto has_certificate = exists(request.certificate_file);
    if (!has_certificate) {
        return std::unexpected(has_certificate.error());
    }
    auto origin = KeyPairOrigin::loaded;
    if (!*has_key || !*has_certificate) {
        const auto made = complete(request, *has_key, now);
        if (!made) {
            return std::unexpected(made.error());
        }
        origin = *made;
    }
    auto pair = load_key_pair(request.certificate_file, request.key_file);
    if (pair) {
        pair->origin = origin;
    }
    return pair;
}

std::string leaf_certificate(const std::string& certificate_pem) {
    const CertificatePtr certificate = parse_certificate(certificate_pem);
    if (certificate == nullptr) {
        return {};
    }
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate.get()) != 1) {
        return {};
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace arngate::pki
