#include "core/review/rfc3339.hpp"

#include "core/base/text.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace arngate::review {
namespace {

/// Takes fixed fields off the front of a text.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool sign(char expected) noexcept {
        if (!rest_.starts_with(expected)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    /// Exactly so many digits; nothing if there are fewer.
    [[nodiscard]] std::optional<unsigned> number(std::size_t digits) noexcept {
        if (rest_.size() < digits) {
            return std::nullopt;
        }
        unsigned value = 0;
        for (const char c : rest_.substr(0, digits)) {
            if (!text::is_digit(c)) {
                return std::nullopt;
            }
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }

    [[nodiscard]] bool below(unsigned bound) noexcept {
        const auto value = number(2);
        return value && *value < bound;
    }

    [[nodiscard]] bool fraction() noexcept {
        if (!sign('.')) {
            return true;
        }
        std::size_t digits = 0;
        while (number(1)) {
            ++digits;
        }
        return digits > 0;
    }

    [[nodiscard]] bool zone() noexcept {
        if (sign('Z')) {
            return true;
        }
        return (sign('+') || sign('-')) && below(24) && sign(':') && below(60);
    }

    [[nodiscard]] bool date() noexcept {
        const auto year = number(4);
        const bool has_year = year && sign('-');
        const auto month = has_year ? number(2) : std::nullopt;
        const bool has_month = month && sign('-');
        const auto day = has_month ? number(2) : std::nullopt;
        return day && std::chrono::year_month_day(
                          std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month), std::chrono::day(*day)
                      )
                          .ok();
    }

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

}  // namespace

bool is_rfc3339(std::string_view text) noexcept {
    Reader reader(text);
    return reader.date() && reader.sign('T') && reader.below(24) && reader.sign(':') && reader.below(60) &&
           reader.sign(':') && reader.below(60) && reader.fraction() && reader.zone() && reader.at_end();
}

}  // namespace arngate::review
