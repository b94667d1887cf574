#include "core/identity/token_hasher.hpp"

#include "core/base/random.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

namespace arngate::identity {
namespace {

struct FreeMac {
    void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};

void require(bool done) {
    if (!done) {
        throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");
    }
}

/// A thread's context, keyed for the hasher that used it last.
class ThreadContext {
public:
    ThreadContext() : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
        require(mac_ != nullptr);
        context_.reset(EVP_MAC_CTX_new(mac_.get()));
        require(context_ != nullptr);
    }

    [[nodiscard]] EVP_MAC_CTX* start(std::uint64_t id, const std::array<unsigned char, 32>& key) {
        if (id == keyed_for_) {
            // Without a key the context starts over with the one it has, and need not hash it again.
            require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
            return context_.get();
        }
        keyed_for_ = 0;
        std::string digest = "SHA256";
        const std::array params{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()
        };
        require(EVP_MAC_init(context_.get(), key.data(), key.size(), params.data()) == 1);
        keyed_for_ = id;
        return context_.get();
    }

private:
    std::unique_ptr<EVP_MAC, FreeMac> mac_;
    std::unique_ptr<EVP_MAC_CTX, FreeMac> context_;
    std::uint64_t keyed_for_ = 0;
};

std::uint64_t next_id() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

TokenHasher::TokenHasher() : id_(next_id()), key_(random_key()) {}

TokenHasher::~TokenHasher() {
    OPENSSL_cleanse(key_.data(), key_.size());
}

std::array<unsigned char, 32> TokenHasher::operator()(std::string_view text) const {
    thread_local ThreadContext thread_context;
    EVP_MAC_CTX* context = thread_context.start(id_, key_);
    std::array<unsigned char, 32> out{};
    std::size_t size = 0;
    // The cast is the usual one from text to bytes.
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    require(EVP_MAC_update(context, bytes, text.size()) == 1);
    require(EVP_MAC_final(context, out.data(), &size, out.size()) == 1 && size == out.size());
    return out;
}

}  // namespace arngate::identity
