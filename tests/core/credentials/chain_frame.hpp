#pragma once

#include "core/credentials/chain.hpp"
#include "tests/core/credentials/fake_transport.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>

#include <expected>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace arngate::credentials {

/// A home directory and an environment of its own.
class ChainFrame : public testing::Test {
protected:
    ChainFrame() {
        std::filesystem::create_directory(home_ + "/.aws");
        variables_["HOME"] = home_;
        variables_["AWS_EC2_METADATA_DISABLED"] = "true";
    }

    void credentials_file(const std::string& text) const { std::ofstream(home_ + "/.aws/credentials") << text; }
    void config_file(const std::string& text) const { std::ofstream(home_ + "/.aws/config") << text; }

    [[nodiscard]] Environment environment() const {
        return [this](const char* name) -> const char* {
            const auto found = variables_.find(name);
            return found == variables_.end() ? nullptr : found->second.c_str();
        };
    }
    [[nodiscard]] ChainContext context() {
        ChainContext result{.environment = environment(), .clock = clock_, .transport = transport_};
        result.mfa_prompt = prompt_;
        return result;
    }
    [[nodiscard]] std::expected<aws::Credentials, std::string> resolve() {
        Resolution result = Chain(context()).resolve();
        trace_ = std::move(result.trace);
        if (!result.credentials) {
            return std::unexpected(result.credentials.error().text());
        }
        return *std::move(result.credentials);
    }
    [[nodiscard]] std::string error() {
        const auto result = resolve();
        return result ? "no error" : result.error();
    }
    void write(const std::string& name, const std::string& text) const { std::ofstream(home_ + "/" + name) << text; }

    ManualClock clock_;
    FakeTransport transport_;
    MfaPrompt prompt_;
    Trace trace_;
    const TempDirectory directory_;
    const std::string home_ = directory_.path();
    std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace arngate::credentials
