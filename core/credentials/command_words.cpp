#include "core/credentials/command_words.hpp"

#include <cstddef>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view escaped_in_double_quotes = "\"\\";

}  // namespace

std::expected<std::vector<std::string>, std::string> split_command(std::string_view command) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (quote == '\'' && c != '\'') {
            word += c;
        } else if (c == '\\') {
            if (++i == command.size()) {
                return std::unexpected("a backslash at the end");
            }
            if (quote == '"' && !escaped_in_double_quotes.contains(command[i])) {
                word += '\\';
            }
            word += command[i];
            in_word = true;
        } else if (quote != '\0') {
            if (c == quote) {
                quote = '\0';
            } else {
                word += c;
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
            in_word = true;  // "" is a word
        } else if (!blanks.contains(c)) {
            word += c;
            in_word = true;
        } else if (in_word) {
            words.push_back(std::exchange(word, {}));
            in_word = false;
        }
    }
    if (quote != '\0') {
        return std::unexpected("a quote that nothing ends");
    }
    if (in_word) {
        words.push_back(std::move(word));
    }
    return words;
}

}  // namespace arngate::credentials
