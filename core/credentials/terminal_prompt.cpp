#include "core/credentials/terminal_prompt.hpp"

#include "core/base/descriptor.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

namespace arngate::credentials {

namespace {

/// Longer than any code: STS takes six digits.
constexpr std::size_t max_typed_bytes = 64;

/// A terminal that shows nothing of what is typed while it is open.
class QuietTerminal {
public:
    explicit QuietTerminal(const std::string& name) : descriptor_(::open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        if (!descriptor_.is_open() || ::tcgetattr(descriptor_.number(), &before_) != 0) {
            return;
        }
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_quiet_ = ::tcsetattr(descriptor_.number(), TCSAFLUSH, &quiet) == 0;
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal() {
        if (is_quiet_) {
            ::tcsetattr(descriptor_.number(), TCSAFLUSH, &before_);
        }
    }

    [[nodiscard]] bool is_quiet() const noexcept { return is_quiet_; }

    void write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = ::write(descriptor_.number(), text.data(), text.size());
            if (count > 0) {
                text.remove_prefix(static_cast<std::size_t>(count));
            } else if (count == 0 || errno != EINTR) {
                return;
            }
        }
    }

    /// A line without its end; cut at the limit.
    [[nodiscard]] Secret read_line() const {
        Secret line = Secret::of_size(max_typed_bytes);
        std::size_t size = 0;
        while (size < line.size()) {
            const ssize_t count = ::read(descriptor_.number(), line.mutable_data() + size, 1);
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count <= 0 || line.mutable_data()[size] == '\n') {
                break;
            }
            ++size;
        }
        line.truncate(size);
        return line;
    }

private:
    Descriptor descriptor_;
    termios before_{};
    bool is_quiet_ = false;
};

}  // namespace

MfaPrompt terminal_prompt(std::string terminal) {
    return [terminal = std::move(terminal)](std::string_view serial) -> std::expected<Secret, std::string> {
        const QuietTerminal quiet(terminal);
        if (!quiet.is_quiet()) {
            return std::unexpected("there is no terminal to ask for it");
        }
        // The name comes from a file: what would move the cursor is not shown.
        std::string shown(serial);
        std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
        quiet.write(fmt::format("MFA code of {}: ", shown));
        const Secret line = quiet.read_line();
        quiet.write("\n");
        const std::string_view code = text::trim(line.expose());
        constexpr std::size_t min_digits = 6;
        if (code.size() < min_digits || !std::ranges::all_of(code, text::is_digit)) {
            return std::unexpected("what was typed is not one");
        }
        return Secret(code);
    };
}

}  // namespace arngate::credentials
