#include "tests/support/fake_sts/signing.hpp"

#include "core/base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <mutex>
#include <stdexcept>

namespace arngate::fake_sts {
namespace {

std::string_view as_text(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

struct MdDeleter {
    void operator()(EVP_MD* md) const noexcept { EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Fetched once: a fetch by name costs more than hashing a short text.
const EVP_MD* sha256_md() {
    static const std::unique_ptr<EVP_MD, MdDeleter> md(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    if (!md) {
        throw std::runtime_error("OpenSSL has no SHA-256");
    }
    return md.get();
}

}  // namespace

Digest sha256(std::string_view bytes) {
    thread_local const std::unique_ptr<EVP_MD_CTX, MdDeleter> context(EVP_MD_CTX_new());
    Digest digest{};
    if (EVP_DigestInit_ex2(context.get(), sha256_md(), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    Digest digest{};
    unsigned length = 0;
    const auto* const done = HMAC(
        sha256_md(), key.data(), static_cast<int>(key.size()), as_bytes(bytes), bytes.size(), digest.data(), &length
    );
    if (done == nullptr || length != digest.size()) {
        throw std::runtime_error("HMAC-SHA-256 failed");
    }
    return digest;
}

std::string to_hex(const Digest& digest) {
    return text::hex(as_text(digest));
}

Digest SigningKeys::get(
    std::string_view secret_access_key, std::string_view date, std::string_view region, std::string_view service
) {
    std::string id;
    id.reserve(secret_access_key.size() + date.size() + region.size() + service.size() + 3);
    id.append(secret_access_key).append(1, '\n').append(date).append(1, '\n').append(region);
    id.append(1, '\n').append(service);
    {
        const std::shared_lock lock(mutex_);
        if (const auto found = keys_.find(id); found != keys_.end()) {
            return found->second;
        }
    }
    std::string seed = "AWS4";
    seed += secret_access_key;
    const Digest of_date = hmac_sha256(seed, date);
    const Digest of_region = hmac_sha256(as_text(of_date), region);
    const Digest of_service = hmac_sha256(as_text(of_region), service);
    const Digest key = hmac_sha256(as_text(of_service), "aws4_request");
    const std::unique_lock lock(mutex_);
    if (keys_.size() >= max_entries_) {
        keys_.clear();
    }
    keys_.emplace(std::move(id), key);
    return key;
}

}  // namespace arngate::fake_sts
