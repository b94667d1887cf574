#pragma once

#include "config/document.hpp"

#include <string_view>
#include <vector>

namespace arngate::config {

/// Where the items of an object's lists stand: [i][j] is item j of the value of member i, if that value is a list. For
/// messages, since a JSON parser keeps no lines. The text must be valid JSON; for any other the result is of no use.
[[nodiscard]] std::vector<std::vector<Position>> places_of_items(std::string_view json);

}  // namespace arngate::config
