#include "config/schema_sections.hpp"

#include <algorithm>
#include <cstddef>

namespace arngate::config {

std::string_view section_of(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view leaf_of(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::vector<std::string_view> sections() {
    std::vector<std::string_view> found;
    for (const Key& key : schema()) {
        const std::string_view section = section_of(key.path);
        if (std::ranges::find(found, section) == found.end())
            found.push_back(section);
    }
    return found;
}

}  // namespace arngate::config
