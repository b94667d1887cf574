#pragma once

#include "config/document.hpp"
#include "config/report.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::config {

/// One map of a list of entries, read field by field with the lenient types of the Go server: numbers become text, a
/// text is a list. What is wrong becomes a problem of the report, under the path of its field. The node and the report
/// must outlive the reader.
class EntryReader {
public:
    EntryReader(const Node& entry, std::string key, Report& report)
        : entry_(entry), key_(std::move(key)), report_(report) {}
    /// The item of this index of the list of this key. Its path is put together only for who asks.
    EntryReader(const Node& entry, std::string_view list, std::size_t index, Report& report)
        : entry_(entry), key_(list), index_(index), report_(report) {}

    [[nodiscard]] const Node& node() const noexcept { return entry_; }
    [[nodiscard]] Report& report() const noexcept { return report_; }
    [[nodiscard]] std::string path(std::string_view field) const { return fmt::format("{}.{}", path(), field); }
    [[nodiscard]] std::string path() const { return index_ ? fmt::format("{}[{}]", key_, *index_) : key_; }

    /// The value of a field, or nullptr if it is missing or null.
    [[nodiscard]] const Node* value(std::string_view field) const;
    /// Whether the field is there and no empty text.
    [[nodiscard]] bool has(std::string_view field) const;
    /// Where the field's value stands, or the entry if there is none.
    [[nodiscard]] Position place(std::string_view field) const;
    /// What stands there, for messages.
    [[nodiscard]] std::string found(std::string_view field) const;

    /// Empty if the field is missing or wrong.
    [[nodiscard]] std::string text(std::string_view field) const;
    /// A text is split at commas.
    [[nodiscard]] std::vector<std::string> list(std::string_view field) const;
    /// Warns of fields that are not among those known.
    void check_fields(std::span<const std::string_view> known) const;

private:
    [[nodiscard]] std::optional<std::string> scalar(const Node& node, std::string_view field) const;

    const Node& entry_;
    std::string key_;
    std::optional<std::size_t> index_;  ///< in the list of that key
    Report& report_;
};

/// Warns of members of a map that are not among the known ones; letter case does not matter. `path_of` gives the path
/// of a member for messages.
void warn_of_unknown_keys(
    const Node& map,
    const std::function<std::string(std::string_view key)>& path_of,
    std::span<const std::string_view> known,
    Report& report
);

/// Reads each item of a list, whose path this is; one that is no map is a problem.
void for_each_map(
    const Node& list,
    std::string_view path,
    Report& report,
    const std::function<void(const Node& map, std::size_t index)>& read
);

/// Reads the entries of the list at a dotted path; a single map is a list of one. Anything else is a problem.
void for_each_entry(
    const Node& root, std::string_view key, Report& report, const std::function<void(const EntryReader&)>& read
);

/// The same, and lets go of each entry of a list when it was read: a large mapping need not be there twice.
void consume_entries(
    Node& root, std::string_view key, Report& report, const std::function<void(const EntryReader&)>& read
);

}  // namespace arngate::config
