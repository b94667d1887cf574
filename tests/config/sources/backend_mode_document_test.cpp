#include "config/sources/backend_mode_document.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {
namespace {

std::string refusal(std::string_view text) {
    const auto document = read_backend_modes("m.json", text);
    std::string out;
    if (!document) {
        for (const Problem& problem : document.error())
            out += problem.text() + "\n";
    }
    return out;
}

std::vector<std::string> modes(std::string_view text) {
    const auto document = read_backend_modes("m.json", text);
    EXPECT_TRUE(document) << refusal(text);
    return document ? document->modes : std::vector<std::string>();
}

TEST(BackendModeDocument, NamesBackendsInTheirOrder) {
    const auto document = read_backend_modes(
        "m.json", R"({"BACKENDMODE": "DynamicFile MountedFile", "Version": "3", "lastUpdatedDateTime": "17", "x": 1})"
    );
    ASSERT_TRUE(document);
    EXPECT_EQ(document->modes, (std::vector<std::string>{"DynamicFile", "MountedFile"}));
    EXPECT_EQ(document->version, "3");
    EXPECT_EQ(document->last_updated, "17");
}

TEST(BackendModeDocument, TakesOldNamesAndNamesEachOnce) {
    EXPECT_EQ(
        modes(R"({"backendMode": "ConfigMap File MountedFile ConfigMap CRD"})"),
        (std::vector<std::string>{"EKSConfigMap", "MountedFile", "CRD"})
    );
}

TEST(BackendModeDocument, IsRefusedWhenABackendIsUnknown) {
    for (const std::string_view names : {"", " ", "CRD ", " CRD", "CRD  File", "CRD,File", "crd", "CRD\\tFile"})
        EXPECT_NE(refusal(R"({"backendMode": ")" + std::string(names) + R"("})"), "") << names;
    EXPECT_EQ(
        refusal(R"({"backendMode": "CRD  Other"})"),
        "m.json: backendMode: found an empty name, expected one of MountedFile, EKSConfigMap, CRD, DynamicFile. Put "
        "one "
        "blank between names.\n"
        "m.json: backendMode: found \"Other\", expected one of MountedFile, EKSConfigMap, CRD, DynamicFile. Put one "
        "blank between names.\n"
    );
}

TEST(BackendModeDocument, IsRefusedWhenItIsNotOfItsForm) {
    constexpr std::array<std::string_view, 12> texts{
        "",
        "{",
        "null",
        "[]",
        "{}",
        "{} x",
        R"({"backendMode": null})",
        R"({"backendMode": ["CRD"]})",
        R"({"backendMode": 1})",
        R"({"backendMode": "CRD", "BackendMode": "CRD"})",
        R"({"backendMode": "CRD", "Version": 1})",
        "{\"backendMode\": \"\xff\"}",
    };
    for (const std::string_view text : texts)
        EXPECT_NE(refusal(text), "") << text;
}

TEST(BackendModeDocument, IsBounded) {
    std::string text = R"({"backendMode": "CRD"})";
    text.resize(max_backend_mode_bytes, ' ');
    EXPECT_EQ(refusal(text), "");
    EXPECT_NE(refusal(text + " "), "");
    EXPECT_NE(refusal(R"({"backendMode": "CRD", "x": )" + std::string(1000, '[') + std::string(1000, ']') + "}"), "");
}

}  // namespace
}  // namespace arngate::config
