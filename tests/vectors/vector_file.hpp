#pragma once

#include <simdjson.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace arngate::vectors {

/// One file of tests/vectors. Elements live as long as the object. Throws if the file is not there or not JSON.
class VectorFile {
public:
    /// `name` with its extension, as check_lists.py looks for it in the sources.
    explicit VectorFile(std::string_view name)
        : text_(simdjson::padded_string::load(std::string(ARNGATE_TEST_VECTORS "/").append(name))),
          root_(parser_.parse(text_)) {}

    [[nodiscard]] simdjson::dom::element root() const { return root_; }
    [[nodiscard]] simdjson::dom::array cases() const {
        const simdjson::dom::array all = root_["cases"];
        if (all.size() == 0) {
            throw std::runtime_error("a vector file without cases");
        }
        return all;
    }

private:
    simdjson::padded_string text_;
    simdjson::dom::parser parser_;
    simdjson::dom::element root_;
};

/// The text member of this name, or nothing if there is none or it is null.
[[nodiscard]] inline std::optional<std::string> text_at(simdjson::dom::element object, std::string_view key) {
    std::string_view text;
    if (object[key].get(text) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    return std::string(text);
}

[[nodiscard]] inline std::string need_text(simdjson::dom::element object, std::string_view key) {
    auto text = text_at(object, key);
    if (!text) {
        throw std::runtime_error("a vector case lacks " + std::string(key));
    }
    return *std::move(text);
}

}  // namespace arngate::vectors
