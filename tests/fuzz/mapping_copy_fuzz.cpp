// Bytes of the state directory: a copy of a mapping, and its fields alone, which no checksum hides from the fuzzer.

#include "config/chain/mapping_copy.hpp"
#include "config/chain/mapping_diff.hpp"
#include "tests/fuzz/check.hpp"

#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;

void check_fields(std::string_view fields) {
    const auto copy = config::decode_copy_fields(fields);
    if (!copy) {
        check(!copy.error().empty());
        return;
    }
    const auto encoded = config::encode_copy(copy->place, copy->read_at, copy->rules);
    check(encoded.has_value());
    // What can be read has one form.
    check(std::string_view(*encoded).substr(encoded->find('\n') + 1) == fields);
    const auto again = config::decode_copy(*encoded);
    check(again.has_value());
    check(again->place == copy->place && again->read_at == copy->read_at);
    check(config::difference(copy->rules, again->rules).empty());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    static_cast<void>(config::decode_copy(bytes));
    check_fields(bytes);
    return 0;
}
