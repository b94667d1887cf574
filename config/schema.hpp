#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace arngate::config {

enum class ValueType : std::uint8_t { text, boolean, integer, size, duration, text_list, enumeration, object_list };

/// What a text, or each text of a list, must look like. A text that is empty by default may be given empty.
enum class TextForm : std::uint8_t {
    any,           ///< every text without control characters
    ip_address,    ///< IPv4 or IPv6, no name, no brackets
    host_name,     ///< a host name or an IP address
    dotted_host,   ///< a lower-case DNS name with at least one dot
    region_label,  ///< e.g. eu-central-1
    role_arn,      ///< the ARN of an IAM role
    arn,           ///< any ARN
    connect_to,    ///< HOST1:PORT1:HOST2:PORT2
};

/// One key: the single place that parsing, validation, flags, help, the JSON schema and the reference page read.
struct Key {
    std::string_view path;  ///< dotted, e.g. "server.port"; letter case does not matter in files
    ValueType type;
    std::string_view default_text;   ///< as it would be written; empty: none
    std::string_view constraint;     ///< for people, e.g. "1 to 65535"
    std::string_view flag;           ///< "--port", or empty
    char short_flag;                 ///< 'i', or 0
    std::string_view flag_commands;  ///< commands that have the flag, blank-separated; "*": all
    std::string_view environment;    ///< variables, blank-separated, the first wins; in the schema with ARNGATE_<PATH>
    std::string_view description;
    bool reloadable;  ///< acts on SIGHUP without a restart
    bool obsolete;    ///< accepted and ignored, with a warning

    std::string_view reference_default{};  ///< the default under `compat: reference`, where it differs
    std::int64_t minimum = 0;              ///< of numbers; bytes of sizes; milliseconds of durations
    std::int64_t maximum = 0;              ///< as `minimum`, inclusive; 0 on keys that are no number
    std::int64_t step = 1;                 ///< the value is a multiple of it
    std::string_view choices{};            ///< words, blank-separated: of an enumeration, or accepted beside a duration
    TextForm form = TextForm::any;
    char separator = 0;         ///< where a text given for a list is split; ' ': at runs of blanks; 0: it is one item
    bool any_case = false;      ///< letter case of the words does not matter
    bool flag_only = false;     ///< ignored in files, with a warning
    bool secret = false;        ///< its value never appears in a message
    bool is_partition = false;  ///< beside `choices`, those of sts.partitions
};

[[nodiscard]] std::span<const Key> schema() noexcept;
/// Ignoring letter case; nullptr if there is no such key.
[[nodiscard]] const Key* find_key(std::string_view path) noexcept;
/// The known key most like this one, for "did you mean"; empty if nothing is near.
[[nodiscard]] std::string_view nearest_key(std::string_view path);
/// Whether keys lie below this path, e.g. "server" or "server.tls". Ignoring letter case.
[[nodiscard]] bool is_section(std::string_view path) noexcept;
/// Whether only a server reads the key; a client does not even look at it.
[[nodiscard]] bool is_server_key(const Key& key) noexcept;

/// The one of these words most like `text`, ignoring letter case; empty if none is near.
[[nodiscard]] std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words);

}  // namespace arngate::config
