#include "daemon/http/h2_stream.hpp"

#include "core/base/secret.hpp"
#include "daemon/http/read_scratch.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace arngate::http {
namespace {

/// Most reviews fit.
constexpr std::size_t first_capacity = 2048;
/// What a stream that waits for its next request may keep of each buffer.
constexpr std::size_t kept_capacity = 4096;
constexpr std::size_t kept_streams = 128;

void clear_text(std::string& text) noexcept {
    if (text.capacity() > kept_capacity) {
        text = std::string();
    } else {
        text.clear();
    }
}

}  // namespace

void H2Body::append(std::string_view bytes) {
    const std::size_t wanted = size_ + bytes.size();
    if (wanted > capacity_ || bytes_ == nullptr) {
        const std::size_t capacity = std::max({first_capacity, capacity_ * 2, wanted});
        auto larger =
            std::make_unique_for_overwrite<char[]>(capacity + read_padding);  // NOLINT(modernize-avoid-c-arrays)
        if (size_ > 0) {
            std::memcpy(larger.get(), bytes_.get(), size_);
            wipe(bytes_.get(), size_);
        }
        bytes_ = std::move(larger);
        capacity_ = capacity;
    }
    if (!bytes.empty()) {
        std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    }
    size_ = wanted;
    std::memset(bytes_.get() + size_, 0, read_padding);
}

void H2Body::clear() noexcept {
    if (bytes_ == nullptr) {
        return;
    }
    wipe(bytes_.get(), size_);
    size_ = 0;
    if (capacity_ > kept_capacity) {
        bytes_.reset();
        capacity_ = 0;
    }
}

void H2Stream::clear() noexcept {
    id = 0;
    stage = H2Stage::head;
    ended = false;
    expects_continue = false;
    refusal = 0;
    length = 0;
    header_bytes = 0;
    for (std::string* text : {&method, &scheme, &authority, &host, &path, &answer}) {
        clear_text(*text);
    }
    body.clear();
    unreleased = 0;
    answered = 0;
    after_write = {};
    deadline = SteadyTime::max();
    previous = next = nullptr;
}

std::unique_ptr<H2Stream> H2StreamPool::take() {
    if (free_.empty()) {
        free_.reserve(kept_streams);  // `give` must not throw
        return std::make_unique<H2Stream>();
    }
    auto stream = std::move(free_.back());
    free_.pop_back();
    return stream;
}

void H2StreamPool::give(std::unique_ptr<H2Stream> stream) noexcept {
    if (free_.size() < kept_streams) {
        stream->clear();
        free_.push_back(std::move(stream));
    }
}

}  // namespace arngate::http
