#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace arngate::kube {

/// Gets one line, without its end; false: no more of them.
using LineSink = std::function<bool(std::string_view line)>;

/// Makes lines of pieces. Pure; holds one line of bounded size. Empty lines are passed over.
class LineBuffer {
public:
    enum class Fed : std::uint8_t {
        more,      ///< ready for the next piece
        enough,    ///< the sink wants no more
        too_long,  ///< a line above the limit
    };

    explicit LineBuffer(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

    /// After anything but `more`, nothing else may be fed.
    [[nodiscard]] Fed feed(std::string_view piece, const LineSink& sink);
    /// Whether a line has begun and not ended.
    [[nodiscard]] bool has_part() const noexcept { return !part_.empty(); }

private:
    std::size_t max_line_bytes_;
    std::string part_;
};

}  // namespace arngate::kube
