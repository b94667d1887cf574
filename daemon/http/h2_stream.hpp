#pragma once

#include "core/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::http {

/// The bytes of a request's body, with readable bytes behind them. Wiped when they are given up.
class H2Body {
public:
    H2Body() = default;
    ~H2Body() { clear(); }
    H2Body(const H2Body&) = delete;
    H2Body& operator=(const H2Body&) = delete;

    void append(std::string_view bytes);
    /// Good until `append` or `clear`.
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Wipes the bytes; memory is kept unless it is large.
    void clear() noexcept;

private:
    std::unique_ptr<char[]> bytes_;  // NOLINT(modernize-avoid-c-arrays)
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

enum class H2Stage : std::uint8_t {
    head,       ///< the header block has begun
    body,       ///< the header block is complete
    ready,      ///< waits for its turn
    handling,   ///< a handler has it
    answering,  ///< the answer is complete here, but not sent
};

/// One request of a connection and the answer to it.
struct H2Stream {
    std::int32_t id = 0;
    H2Stage stage = H2Stage::head;
    bool ended = false;             ///< the client has sent all of it
    bool expects_continue = false;  ///< waits for "100 Continue"
    unsigned refusal = 0;           ///< the status to answer with instead of asking a handler
    std::uint64_t length = 0;       ///< what content-length says
    std::size_t header_bytes = 0;   ///< as SETTINGS_MAX_HEADER_LIST_SIZE counts, trailers included
    std::string method;
    std::string scheme;
    std::string authority;
    std::string host;
    std::string path;
    H2Body body;
    std::size_t unreleased = 0;  ///< bytes of the connection's window that the body holds
    std::string answer;
    std::size_t answered = 0;  ///< bytes of `answer` that were sent
    std::move_only_function<void()> after_write;
    SteadyTime deadline = SteadyTime::max();
    H2Stream* previous = nullptr;  ///< in the codec's list
    H2Stream* next = nullptr;

    /// As new, but with the memory it has.
    void clear() noexcept;
};

/// Keeps streams for the next request, so that a request costs no allocation here. One a loop.
class H2StreamPool {
public:
    [[nodiscard]] std::unique_ptr<H2Stream> take();
    void give(std::unique_ptr<H2Stream> stream) noexcept;

private:
    std::vector<std::unique_ptr<H2Stream>> free_;
};

}  // namespace arngate::http
