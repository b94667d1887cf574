#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace arngate::vectors {

/// The profiles of the configuration, as far as the checks of a token differ.
enum class Profile { arngate, reference };

[[nodiscard]] std::string_view name_of(Profile profile);

/// What the case wants under this profile. `arngate` is strict in everything. `reference` is strict about region labels
/// (O1) and goes the Go server's way about sibling partitions (O2) and dates ahead (O3).
[[nodiscard]] bool wants_acceptance(simdjson::dom::element vector_case, Profile profile);

/// A case whose outcome in arngate is on purpose not the one in the vector file.
struct Deviation {
    std::string_view file;
    std::string_view id;
    bool in_arngate;
    bool in_reference;
    std::string_view why;
};

/// All of them: the one place where they stand.
[[nodiscard]] std::span<const Deviation> deviations();

/// Collects what came out and compares the set of differences with the table: no more, no fewer.
class Outcomes {
public:
    Outcomes(std::string_view file, Profile profile) : file_(file), profile_(profile) {}

    void add(simdjson::dom::element vector_case, bool accepted);
    [[nodiscard]] ::testing::AssertionResult differ_only_as_listed() const;

private:
    std::string file_;
    Profile profile_;
    std::set<std::string> differing_;
};

}  // namespace arngate::vectors
