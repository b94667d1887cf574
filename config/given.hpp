#pragma once

#include "config/document.hpp"
#include "config/load.hpp"
#include "config/report.hpp"
#include "config/schema.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace arngate::config {

/// A value that somebody gave, and where.
struct Given {
    Node node;
    std::string source;  ///< the flag or variable; empty: the file
};

/// What was given for each key: by the first override of it, else in the file. What is wrong with it goes to the
/// report, under the flag, variable or line that gave it. All three outlive it.
class GivenValues {
public:
    GivenValues(const LoadRequest& request, const Node& root, Report& report)
        : request_(request), root_(root), report_(report) {}

    /// Nullptr when no flag and no variable gives the key.
    [[nodiscard]] const Override* find_override(std::string_view path) const;
    /// Nothing where there is only a default.
    [[nodiscard]] std::optional<Given> find(const Key& key) const;
    /// As `find`, of a path of the schema.
    [[nodiscard]] bool has(std::string_view path) const { return find(*find_key(path)).has_value(); }

    /// `at` counts where the file gave the value.
    void complain(const Given& given, Position at, Report::Text text) const;
    void warn(const Given& given, Position at, Report::Text text) const;
    /// Where the value of the key stands, or at the file as a whole.
    void complain_at(std::string_view path, std::string found, std::string expected, std::string advice) const;

private:
    const LoadRequest& request_;
    const Node& root_;
    Report& report_;
};

}  // namespace arngate::config
