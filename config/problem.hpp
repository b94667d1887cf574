#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {

/// Something wrong, or doubtful, in what an operator wrote.
struct Problem {
    std::string file;   ///< or the flag or environment variable that the value came from
    int line = 0;       ///< from 1; 0: no position
    int column = 0;     ///< from 1
    std::string key;    ///< dotted path, e.g. "server.port"
    std::string found;  ///< what stands there, in quotes and shortened if it is a value; never that of a secret key
    std::string expected;
    std::string advice;        ///< what to do, may be empty
    bool of_document = false;  ///< the file could not be read, or does not follow its format
    std::string_view rule{};   ///< a name of check::rules() with static storage; empty: of no rule in particular

    /// "config.yaml:12:9: server.port: found "abc", expected a whole number from 1 to 65535. <advice>"; parts that are
    /// empty are left out.
    [[nodiscard]] std::string text() const;
};

using Problems = std::vector<Problem>;

/// The text in double quotes for a message: shortened to 60 bytes, control characters and bytes beyond ASCII escaped.
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace arngate::config
