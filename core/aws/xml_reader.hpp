#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::aws {

/// Reads the XML that AWS services of the query protocol answer with, piece by piece: elements, attributes (checked
/// and passed over), text, the five named entities and character references. Everything else of XML 1.0 is malformed
/// here: document types, other entities, CDATA, comments, processing instructions, encodings other than UTF-8. Pure;
/// linear in the document; depth and name lengths are bounded, the document's size is the caller's to bound.
class XmlReader {
public:
    enum class Event : std::uint8_t {
        start,      ///< of an element, which is the last of path()
        text,       ///< text() of the last element of path(), up to the next tag; blanks count
        end,        ///< of the last element of path()
        done,       ///< the document is over and was well-formed
        malformed,  ///< it is not; nothing else comes from then on
    };
    static constexpr std::size_t max_depth = 32;
    static constexpr std::size_t max_name_bytes = 128;

    /// The document must outlive the reader.
    explicit XmlReader(std::string_view document);
    /// Wipes the text, which may have been a key.
    ~XmlReader();
    XmlReader(const XmlReader&) = delete;
    XmlReader& operator=(const XmlReader&) = delete;

    [[nodiscard]] Event next();

    /// The names of the open elements from the root on, as written, prefixes included.
    [[nodiscard]] std::span<const std::string_view> path() const noexcept { return path_; }
    /// After `text`, decoded; valid until the next call of next().
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    Event fail() noexcept;
    [[nodiscard]] bool skip_declaration();
    void skip_blanks() noexcept;
    [[nodiscard]] std::string_view take_name() noexcept;
    [[nodiscard]] bool take_attribute();
    [[nodiscard]] bool decode(std::string_view raw);
    Event read_text();
    Event read_start();
    Event read_end();

    std::string_view rest_;
    std::vector<std::string_view> path_;
    std::string text_;
    bool empty_element_ = false;  ///< "<a/>" was begun: its end comes next
    bool ended_ = false;          ///< the last event was an end: its element leaves the path next
    bool has_root_ = false;
    bool malformed_ = false;
};

/// Whether the path is exactly this one.
[[nodiscard]] bool is_path(std::span<const std::string_view> path, std::span<const std::string_view> wanted) noexcept;

}  // namespace arngate::aws
