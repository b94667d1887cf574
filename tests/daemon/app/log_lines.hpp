#pragma once

#include "core/base/log.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate {

/// Catches the log while it lives. Waiting for a line is how a test knows that something has happened.
class LogLines {
public:
    LogLines() {
        log::configure({});
        log::set_sink([this](std::string_view line) {
            if (!action_.first.empty() && line.find(action_.first) != std::string_view::npos) {
                action_.second();
            }
            const std::scoped_lock lock(mutex_);
            lines_.emplace_back(line);
            news_.notify_all();
        });
    }
    LogLines(const LogLines&) = delete;
    LogLines& operator=(const LogLines&) = delete;
    ~LogLines() { log::set_sink({}); }

    /// The first line that holds the text, from now or before; each line is given once.
    std::string wait_for(std::string_view text) {
        std::unique_lock lock(mutex_);
        for (;;) {
            while (next_ < lines_.size()) {
                const std::string& line = lines_[next_++];
                if (line.find(text) != std::string::npos) {
                    return line;
                }
            }
            news_.wait(lock);
        }
    }
    /// Calls the action at each line that holds the text, on the thread that logs it. Before there is another thread.
    void at(std::string text, std::function<void()> action) { action_ = {std::move(text), std::move(action)}; }
    [[nodiscard]] std::string all() {
        const std::scoped_lock lock(mutex_);
        std::string text;
        for (const std::string& line : lines_) {
            text += line;
            text += '\n';
        }
        return text;
    }

private:
    std::pair<std::string, std::function<void()>> action_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<std::string> lines_;
    std::size_t next_ = 0;
};

}  // namespace arngate
