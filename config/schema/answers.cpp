#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "answers.refusalStatus", .type = enumeration, .default_text = "ok", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "HTTP status of a refusal: `ok` (200 with authenticated: false) or `forbidden` (403).",
     .reloadable = false, .obsolete = false, .reference_default = "forbidden", .choices = "ok forbidden"},
    {.path = "answers.echoVersion", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Answers carry the kind and apiVersion of the request.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
    {.path = "answers.strictRequests", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Refuse requests whose kind or apiVersion is not that of a TokenReview.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
});
// clang-format on

}  // namespace

std::span<const Key> answers() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
