#include "daemon/pki/rotation.hpp"

#include "core/base/random.hpp"
#include "daemon/pki/atomic_file.hpp"
#include "daemon/pki/pem.hpp"
#include "daemon/pki/self_signed.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::pki {

namespace {

std::unexpected<std::string> failed(std::string_view what, const std::string& path) {
    return std::unexpected(file_failure(what, path, errno));
}

std::expected<void, std::string> move_into_place(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        return failed("cannot replace", to);
    }
    return {};
}

std::expected<void, std::string> remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return failed("cannot remove", path);
    }
    return {};
}

bool is_there(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

/// Another name than any before: verifiers find an issuer by its name.
std::string new_common_name() {
    return fmt::format(
        "{}-{:08x}", default_common_name, random_below(std::uint64_t{std::numeric_limits<std::uint32_t>::max()} + 1)
    );
}

struct NewPair {
    std::string chain_pem;  ///< signed by the old key; with what the old one was served with, but for its root
    std::string root_pem;   ///< self-signed
    Secret key_pem;
};

std::expected<NewPair, std::string> make_pair(const KeyPairRequest& request, const KeyPair& old, WallTime now) {
    const auto names = subject_names(request.address, request.hostname);
    if (!names) {
        return std::unexpected(names.error());
    }
    const std::vector<Certificate> chain = parse_certificates(old.certificate_pem);
    if (chain.size() >= max_chain) {
        return std::unexpected(fmt::format(
            "{} holds {} certificates that lead to one that API servers may still trust alone: restart every API "
            "server, then run arngate cert rotate --finish",
            request.certificate_file,
            chain.size()
        ));
    }
    const PrivateKey old_key = parse_key(old.key_pem.expose());
    const PrivateKey key = generate_key(request.algorithm);
    const std::string name = new_common_name();
    NewPair made;
    made.chain_pem = cross_signed_certificate(*key, *names, now, name, *chain.front(), *old_key);
    // A self-signed certificate is what clients have; the others are on the way to it.
    for (const Certificate& certificate : chain) {
        if (!is_self_signed(*certificate)) {
            made.chain_pem += certificate_pem(*certificate);
        }
    }
    made.root_pem = self_signed_certificate(*key, *names, now, name);
    std::string key_pem = private_key_pem(*key);
    made.key_pem = Secret(key_pem);
    wipe(key_pem);
    return made;
}

}  // namespace

RotationFiles rotation_files(const std::string& certificate_file, const std::string& key_file) {
    const std::string directory = directory_of(certificate_file);
    return {certificate_file, key_file, directory + "/roots.pem", directory + "/next-cert.pem"};
}

bool is_rotating(const RotationFiles& files) {
    return is_there(files.roots);
}

std::string trust_anchors(const RotationFiles& files, const KeyPair& pair) {
    if (is_rotating(files)) {
        if (auto roots = read_file(files.roots); roots && !parse_certificates(*roots).empty()) {
            return *roots;
        }
    }
    return leaf_certificate(pair.certificate_pem);
}

std::expected<KeyPair, std::string> rotate(const KeyPairRequest& request, WallTime now) {
    const RotationFiles files = rotation_files(request.certificate_file, request.key_file);
    const auto lock = DirectoryLock::acquire(directory_of(request.certificate_file));
    if (!lock) {
        return std::unexpected(lock.error());
    }
    if (auto repaired = complete_interrupted_rotation(files); !repaired) {
        return std::unexpected(std::move(repaired).error());
    }
    const auto old = load_key_pair(files.certificate, files.key);
    if (!old) {
        return std::unexpected(old.error());
    }
    for (const std::string& path : {files.certificate, files.key}) {
        if (auto replaceable = check_replaceable(path); !replaceable) {
            return std::unexpected(std::move(replaceable).error());
        }
    }
    const auto made = make_pair(request, *old, now);
    if (!made) {
        return std::unexpected(made.error());
    }
    const std::optional<Owner> owner = owner_of(files.key);

    // What clients may trust comes first: a kubeconfig written of it is right before the step and after it. Then the
    // chain, under a name that nobody serves; the key, by which complete_interrupted_rotation tells how far this came.
    auto written = write_file(files.roots, made->root_pem + trust_anchors(files, *old), 0666, Existing::replace, owner);
    if (written) {
        written = write_file(files.staged, made->chain_pem, 0666, Existing::replace, owner);
    }
    if (written) {
        written = write_file(files.key, made->key_pem.expose(), 0600, Existing::replace, owner);
    }
    if (written) {
        written = move_into_place(files.staged, files.certificate);
    }
    if (!written) {
        return std::unexpected(std::move(written).error());
    }
    return load_key_pair(files.certificate, files.key);
}

std::expected<KeyPair, std::string> finish_rotation(const KeyPairRequest& request) {
    const RotationFiles files = rotation_files(request.certificate_file, request.key_file);
    const auto lock = DirectoryLock::acquire(directory_of(request.certificate_file));
    if (!lock) {
        return std::unexpected(lock.error());
    }
    if (auto repaired = complete_interrupted_rotation(files); !repaired) {
        return std::unexpected(std::move(repaired).error());
    }
    if (!is_rotating(files)) {
        return std::unexpected(fmt::format(
            "there is no rotation to finish: {} does not exist; arngate cert rotate begins one", files.roots
        ));
    }
    const auto roots = read_file(files.roots);
    if (!roots) {
        return std::unexpected(roots.error());
    }
    const Certificate root = parse_certificate(*roots);
    const auto key_pem = read_secret_file(files.key);
    if (!key_pem) {
        return std::unexpected(key_pem.error());
    }
    const PrivateKey key = parse_key(key_pem->expose());
    if (root == nullptr || key == nullptr || !belong_together(*root, *key)) {
        return std::unexpected(fmt::format(
            "the first certificate of {} does not belong to {}: run arngate cert rotate again, which writes both",
            files.roots,
            files.key
        ));
    }
    auto done =
        write_file(files.certificate, certificate_pem(*root), 0666, Existing::replace, owner_of(files.certificate));
    if (done) {
        done = remove(files.roots);
    }
    if (!done) {
        return std::unexpected(std::move(done).error());
    }
    return load_key_pair(files.certificate, files.key);
}

std::expected<void, std::string> complete_interrupted_rotation(const RotationFiles& files) {
    if (!is_there(files.staged)) {
        return {};
    }
    const auto staged = read_file(files.staged);
    if (!staged) {
        return std::unexpected(staged.error());
    }
    if (is_there(files.key)) {
        // Whoever may not read the key cannot tell whether it is the new one, and must not take its certificate away.
        const auto key_pem = read_secret_file(files.key);
        if (!key_pem) {
            return std::unexpected(key_pem.error());
        }
        const Certificate certificate = parse_certificate(*staged);
        const PrivateKey key = parse_key(key_pem->expose());
        if (certificate != nullptr && key != nullptr && belong_together(*certificate, *key)) {
            return move_into_place(files.staged, files.certificate);
        }
    }
    // The new key was never written: the old pair is whole.
    return remove(files.staged);
}

}  // namespace arngate::pki
