#pragma once

#include "core/base/clock.hpp"
#include "daemon/pki/key_pair.hpp"

#include <cstddef>
#include <expected>
#include <string>

/// A new key for the webhook while API servers that trust the old certificate go on working. kube-apiserver reads its
/// kubeconfig once, so there is a time in which some trust the old certificate alone and some the new one:
///
/// - `rotate` makes a new key. Its certificate is signed by the old key, so it is good for whoever trusts the old
///   certificate; a second, self-signed one of the same key is what the kubeconfig offers from now on beside the old
///   one.
/// - `finish`, once every API server has read that kubeconfig, serves the self-signed one, and the old one is trusted
/// by
///   no kubeconfig any more.
namespace arngate::pki {

struct RotationFiles {
    std::string certificate;  ///< the chain that is served
    std::string key;
    std::string roots;   ///< what clients are to trust while a rotation is not finished: the newest first
    std::string staged;  ///< the chain of the next step, for as long as the step takes
};

/// Those beside the pair.
[[nodiscard]] RotationFiles rotation_files(const std::string& certificate_file, const std::string& key_file);

/// What the kubeconfig must offer as CA certificates: the roots of a rotation, else the pair's own first certificate.
[[nodiscard]] std::string trust_anchors(const RotationFiles& files, const KeyPair& pair);

/// Whether a rotation has begun and was not finished.
[[nodiscard]] bool is_rotating(const RotationFiles& files);

/// So many certificates a chain: after as many rotations without a `finish` another one is refused.
inline constexpr std::size_t max_chain = 4;

/// Puts a new pair in the place of the old one, which `request` names and which must exist. Whoever owned the files
/// owns the new ones. A crash at any moment leaves the old pair, or what complete_interrupted_rotation makes the new
/// pair of. Returns the new pair. Fails with a text that names files; where one of the two is a mount of its own, which
/// nothing can take the place of, before anything is written.
[[nodiscard]] std::expected<KeyPair, std::string> rotate(const KeyPairRequest& request, WallTime now);

/// Ends the overlap. Fails where no rotation has begun.
[[nodiscard]] std::expected<KeyPair, std::string> finish_rotation(const KeyPairRequest& request);

/// For a start after a crash: the certificate of the key that is there takes its place. The directory must be locked by
/// the caller.
[[nodiscard]] std::expected<void, std::string> complete_interrupted_rotation(const RotationFiles& files);

}  // namespace arngate::pki
