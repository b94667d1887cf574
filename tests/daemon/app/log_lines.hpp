#pragma once

#include "core/base/log.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace arngate {

/// Catches the log while it lives. Waiting for a line is how a test knows that something has happened.
class LogLines {
public:
    LogLines() {
        log::configure({});
        log::set_sink([this](std::string_view line) {
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
    std::mutex mutex_;
    std::condition_variable news_;
    std::vector<std::string> lines_;
    std::size_t next_ = 0;
};

}  // namespace arngate
