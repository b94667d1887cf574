#include "core/net/wiped_output.hpp"

#include "core/base/secret.hpp"

#include <algorithm>
#include <utility>

namespace arngate::net {

WipedOutput::~WipedOutput() {
    wipe(bytes_);
}

void WipedOutput::append(std::string_view bytes) {
    if (bytes_.size() + bytes.size() > bytes_.capacity()) {
        // Not by std::string itself, which would leave the bytes behind in the memory that it gives up.
        std::string larger;
        constexpr std::size_t least = 4096;
        larger.reserve(std::max({least, 2 * unsent().size(), unsent().size() + bytes.size()}));
        larger = unsent();
        wipe(bytes_);
        bytes_ = std::move(larger);
        sent_ = 0;
    }
    bytes_ += bytes;
}

void WipedOutput::sent(std::size_t count) noexcept {
    wipe(bytes_.data() + sent_, count);
    sent_ += count;
    if (sent_ == bytes_.size()) {
        bytes_.clear();
        sent_ = 0;
    }
}

}  // namespace arngate::net
