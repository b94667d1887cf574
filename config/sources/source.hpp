#pragma once

#include "config/problem.hpp"
#include "core/mapping/rule.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Where mappings come from while the server runs.
namespace arngate::config {

/// One complete reading of a source.
struct SourceReading {
    mapping::SourceRules rules;  ///< ready for mapping::Table: the source's name, `match`, reserved prefixes, gates
    Problems problems;           ///< entries that were left out, and what is doubtful about those that were not
    std::size_t rejected = 0;    ///< entries left out
    std::string version;         ///< of the document, for people: a resourceVersion, its own "Version"; may be empty
    bool missing = false;        ///< the document does not exist, or no more; `rules` has no entries
    /// When its author says that it was written: seconds since 1970, unchecked. Empty where a kind of document has
    /// none.
    std::string last_updated{};
};

/// Why there is no reading. What was read before stays in force.
struct SourceFailure {
    enum class Kind : std::uint8_t {
        unreadable,   ///< the document is there and cannot be used as a whole
        unreachable,  ///< who keeps it did not answer, or not us
    };
    Kind kind = Kind::unreadable;
    Problems problems;  ///< at least one
    /// What of an unreadable document can be used all the same; only for who knows nothing better, as a server that
    /// has just started and kept nothing.
    std::optional<SourceReading> partial{};
};

/// A source of mappings that tells when it changes. Lives on one executor, "the mapping loop", where all of its members
/// are called and where it calls back; it may block that loop for as long as reading its document takes, since no
/// review runs there. Destroyed on that loop, or when the loop runs no more.
class Source {
public:
    using Report = std::function<void(std::expected<SourceReading, SourceFailure>)>;

    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    /// As server.backendMode names it, e.g. "MountedFile".
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    /// Whether its first report comes without the network: the start of the server waits for such a report.
    [[nodiscard]] virtual bool is_local() const noexcept = 0;

    /// Begins to read and to watch; once. `report` is called once as soon as there is a first reading or failure, then
    /// whenever either has changed, never from inside `start`. A failure that lasts is reported once, and once more
    /// when its cause changes.
    virtual void start(Report report) = 0;
    /// Reads again, and reports even if nothing has changed: somebody asked for it (SIGHUP).
    virtual void refresh() = 0;
    /// Ends watching; `report` is not called any more. Idempotent.
    virtual void stop() = 0;
};

}  // namespace arngate::config
