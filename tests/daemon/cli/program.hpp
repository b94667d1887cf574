#pragma once

#include "core/base/clock.hpp"
#include "daemon/cli/run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace arngate::cli {

class FrozenClock final : public Clock {
public:
    explicit FrozenClock(WallTime wall) : wall_(wall) {}
    [[nodiscard]] WallTime wall() const override { return wall_; }
    [[nodiscard]] SteadyTime steady() const override { return {}; }

private:
    WallTime wall_;
};

struct Result {
    int status = -1;
    std::string out;
    std::string err;
};

/// Runs the program in this process, in an environment and a directory of its own.
class Program {
public:
    Program() {
        std::string pattern = testing::TempDir() + "arngate-cli-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        variables_["HOME"] = directory_;
        variables_["AWS_EC2_METADATA_DISABLED"] = "true";
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() { std::filesystem::remove_all(directory_); }

    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    void set(const std::string& name, const std::string& value) { variables_[name] = value; }
    void unset(const std::string& name) { variables_.erase(name); }
    void freeze(WallTime wall) { clock_.emplace(wall); }
    void keys(const std::string& id, const std::string& secret) {
        set("AWS_ACCESS_KEY_ID", id);
        set("AWS_SECRET_ACCESS_KEY", secret);
    }
    std::string file(const std::string& name, const std::string& content) const {
        std::string path = directory_ + "/" + name;
        std::ofstream(path) << content;
        return path;
    }

    /// The first argument is the program's name; `input` is what the program reads.
    Result run(std::vector<std::string> arguments, const std::string& input = {}) {
        std::istringstream in(input);
        std::ostringstream out;
        std::ostringstream err;
        const Surroundings surroundings{
            [this](const char* name) -> const char* {
                const auto found = variables_.find(name);
                return found == variables_.end() ? nullptr : found->second.c_str();
            },
            out,
            err,
            *clock_,
            in
        };
        const int status = cli::run(arguments, surroundings, [this](const config::LoadRequest&, config::Loaded loaded) {
            served = std::move(loaded.settings);
            return 42;
        });
        return {status, out.str(), err.str()};
    }

    std::optional<config::Settings> served;  ///< what `server` was started with

private:
    std::string directory_;
    std::map<std::string, std::string, std::less<>> variables_;
    std::optional<FrozenClock> clock_{std::in_place, WallTime(std::chrono::seconds(1767323045))};
};

}  // namespace arngate::cli
