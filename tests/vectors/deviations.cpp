#include "tests/vectors/deviations.hpp"

#include "tests/vectors/vector_file.hpp"

#include <array>
#include <stdexcept>

namespace arngate::vectors {
namespace {

constexpr std::string_view larger_tokens =
    "tokens may have 16 KiB; the test of the 4096-byte limit runs these cases with limits.tokenBytes at 4096";
constexpr std::string_view no_patterns =
    "no region pattern decides about a host; the region is added by sts.extraRegions, and then the host is accepted";

constexpr auto table = std::to_array<Deviation>({
    {"token-envelope.json", "size-4097", true, true, larger_tokens},
    {"token-envelope.json", "size-4098", true, true, larger_tokens},
    {"sts-hosts.json", "aws-cn-sts-cn-moon-7-amazonaws-com-cn", true, true, no_patterns},
});

}  // namespace

std::string_view name_of(Profile profile) {
    return profile == Profile::arngate ? "arngate" : "reference";
}

bool wants_acceptance(simdjson::dom::element vector_case, Profile profile) {
    std::string wanted = need_text(vector_case, "expect");
    if (const auto strict = text_at(vector_case, "strict")) {
        const std::string note = need_text(vector_case, "note");
        const bool is_lenient_in_reference = note.find("O2") != note.npos || note.find("O3") != note.npos;
        if (profile == Profile::arngate || !is_lenient_in_reference) {
            wanted = *strict;
        }
    }
    if (wanted != "accept" && wanted != "reject") {
        throw std::runtime_error("a vector case wants neither accept nor reject");
    }
    return wanted == "accept";
}

std::span<const Deviation> deviations() {
    return table;
}

void Outcomes::add(simdjson::dom::element vector_case, bool accepted) {
    if (accepted != wants_acceptance(vector_case, profile_)) {
        differing_.insert(need_text(vector_case, "id"));
    }
}

::testing::AssertionResult Outcomes::differ_only_as_listed() const {
    std::set<std::string> listed;
    for (const Deviation& each : table) {
        if (each.file == file_ && (profile_ == Profile::arngate ? each.in_arngate : each.in_reference)) {
            listed.insert(std::string(each.id));
        }
    }
    auto out = differing_ == listed ? ::testing::AssertionSuccess() : ::testing::AssertionFailure();
    for (const std::string& id : differing_) {
        if (!listed.contains(id)) {
            out << "\n" << file_ << " " << id << " came out otherwise under " << name_of(profile_);
        }
    }
    for (const std::string& id : listed) {
        if (!differing_.contains(id)) {
            out << "\n"
                << file_ << " " << id << " is listed as a deviation under " << name_of(profile_) << " but is none";
        }
    }
    return out;
}

}  // namespace arngate::vectors
