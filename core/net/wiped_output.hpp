#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace arngate::net {

/// Bytes on their way out that may hold credentials: they are wiped once they are sent, when their memory is given up,
/// and at the end.
class WipedOutput {
public:
    WipedOutput() = default;
    ~WipedOutput();
    WipedOutput(const WipedOutput&) = delete;
    WipedOutput& operator=(const WipedOutput&) = delete;

    /// Throws std::bad_alloc, and keeps what is there.
    void append(std::string_view bytes);
    /// What is not sent yet; good until the next call.
    [[nodiscard]] std::string_view unsent() const noexcept { return std::string_view(bytes_).substr(sent_); }
    /// So much of the front is sent; at most the size of `unsent`.
    void sent(std::size_t count) noexcept;

private:
    std::string bytes_;
    std::size_t sent_ = 0;
};

}  // namespace arngate::net
