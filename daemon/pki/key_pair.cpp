#include "daemon/pki/key_pair.hpp"

#include "daemon/pki/atomic_file.hpp"
#include "daemon/pki/pem.hpp"
#include "daemon/pki/rotation.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace arngate::pki {

namespace {

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

/// Makes what is missing. The directory is locked.
std::expected<KeyPairOrigin, std::string> complete(const KeyPairRequest& request, bool has_key, WallTime now) {
    const auto names = subject_names(request.address, request.hostname);
    if (!names) {
        return std::unexpected(names.error());
    }
    if (has_key) {
        const auto pem = read_secret_file(request.key_file);
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
        const int code = errno;
        wipe(key_pem);
        return std::unexpected(file_failure("the key is missing: cannot replace", request.certificate_file, code));
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
    auto key_pem = read_secret_file(key_file);
    if (!key_pem) {
        return std::unexpected(std::move(key_pem).error());
    }
    const Certificate certificate = parse_certificate(*certificate_pem);
    if (certificate == nullptr) {
        return std::unexpected(fmt::format("{} holds no certificate in PEM form", certificate_file));
    }
    const PrivateKey key = parse_key(key_pem->expose());
    if (key == nullptr) {
        return std::unexpected(
            fmt::format("{} holds no private key in PEM form that can be read without a passphrase", key_file)
        );
    }
    if (!belong_together(*certificate, *key)) {
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
    if (auto repaired = complete_interrupted_rotation(rotation_files(request.certificate_file, request.key_file));
        !repaired) {
        return std::unexpected(std::move(repaired).error());
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
    const Certificate certificate = parse_certificate(certificate_pem);
    return certificate ? pki::certificate_pem(*certificate) : std::string();
}

}  // namespace arngate::pki
