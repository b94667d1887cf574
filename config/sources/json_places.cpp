#include "config/sources/json_places.hpp"

#include <cstddef>
#include <utility>

namespace arngate::config {
namespace {

constexpr std::string_view blanks = " \t\r\n";

class Scanner {
public:
    explicit Scanner(std::string_view json) : json_(json) {}

    std::vector<std::vector<Position>> run() {
        for (; at_ < json_.size(); ++at_) {
            const char c = json_[at_];
            if (blanks.contains(c)) {
                if (c == '\n') {
                    ++line_;
                    line_start_ = at_ + 1;
                }
                continue;
            }
            note(c);
            if (c == '"') {
                skip_string();
            } else if (c == '{' || c == '[') {
                ++depth_;
                expects_item_ = depth_ == 2 && c == '[';
            } else if (c == '}' || c == ']') {
                --depth_;
                expects_item_ = false;
            } else if (c == ',') {
                expects_item_ = depth_ == 2 && in_list_;
            }
        }
        return std::move(places_);
    }

private:
    /// Takes note of where a member or an item of its list begins.
    void note(char c) {
        if (depth_ == 1 && c == ':') {
            places_.emplace_back();
            in_list_ = false;
        } else if (depth_ == 1 && c == '[') {
            in_list_ = true;
        } else if (depth_ == 1 && c == '{') {
            in_list_ = false;
        } else if (expects_item_ && c != ']' && !places_.empty()) {
            places_.back().push_back({line_, static_cast<int>(at_ - line_start_) + 1});
            expects_item_ = false;
        }
    }

    /// Leaves the place on the closing quote.
    void skip_string() {
        for (++at_; at_ < json_.size() && json_[at_] != '"'; ++at_) {
            if (json_[at_] == '\\')
                ++at_;
        }
    }

    std::string_view json_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    int line_ = 1;
    int depth_ = 0;
    bool in_list_ = false;       ///< the value of the member of the object is a list
    bool expects_item_ = false;  ///< the next value is an item of that list
    std::vector<std::vector<Position>> places_;
};

}  // namespace

std::vector<std::vector<Position>> places_of_items(std::string_view json) {
    return Scanner(json).run();
}

}  // namespace arngate::config
