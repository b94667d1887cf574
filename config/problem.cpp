#include "config/problem.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace arngate::config {

std::string Problem::text() const {
    std::string out = file;
    if (line > 0)
        out += fmt::format("{}{}:{}", out.empty() ? "" : ":", line, column);
    if (!out.empty())
        out += ": ";
    if (!key.empty())
        out += key + ": ";
    if (!found.empty())
        out += "found " + found;
    if (!expected.empty())
        out += (found.empty() ? "expected " : ", expected ") + expected;
    if (!found.empty() || !expected.empty())
        out += ".";
    if (!advice.empty()) {
        if (!found.empty() || !expected.empty())
            out += " ";
        out += advice;
    }
    // Keys and file names are the operator's bytes; one problem stays one line, whatever they hold.
    std::ranges::replace_if(out, text::is_control, '?');
    return out;
}

std::string quote(std::string_view text) {
    constexpr std::size_t longest = 60;
    std::string out = "\"";
    for (const char c : text.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    out += '"';
    if (text.size() > longest)
        out += "…";
    return out;
}

}  // namespace arngate::config
