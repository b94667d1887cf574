#include "daemon/copy_writer.hpp"

#include "core/base/log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace arngate {

namespace {

constexpr std::chrono::seconds pause{1};

}  // namespace

void CopyWriter::add(const std::string& source, Copy copy, SteadyTime now) {
    if (copies_ == nullptr) {
        return;
    }
    due_.insert_or_assign(source, std::move(copy));
    if (!due_at_) {
        due_at_ = written_at_ ? std::max(now, *written_at_ + pause) : now;
    }
}

void CopyWriter::on_time(SteadyTime now) {
    if (due_at_ && now >= *due_at_) {
        finish(now);
    }
}

void CopyWriter::finish(SteadyTime now) {
    if (!due_at_) {
        return;
    }
    due_at_.reset();
    written_at_ = now;
    for (const auto& [source, copy] : std::exchange(due_, {})) {
        write(source, copy);
    }
}

void CopyWriter::write(const std::string& source, const Copy& copy) {
    auto saved = copies_->save(source, copy.place, *copy.rules, copy.read_at);
    std::string error = saved ? std::string() : std::move(saved).error();
    std::string& before = errors_[source];
    if (!error.empty() && error != before) {
        log::warning("a mapping could not be kept for the next start", {{"source", source}, {"error", error}});
    }
    before = std::move(error);
}

}  // namespace arngate
