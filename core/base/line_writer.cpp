#include "core/base/line_writer.hpp"

#include "core/base/no_signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace arngate::log {
namespace {

/// How long a line may wait for others. Long enough for hundreds of lines under load, too short for a person to see.
constexpr std::chrono::milliseconds collecting_time{5};
/// What is written, and what is dropped, in one go.
constexpr std::size_t chunk_bytes = 64UL * 1024;

/// All of the text, waiting for the reader as long as it takes; gives up when there is none.
void write_to_standard_error(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
            static_cast<void>(::poll(&ready, 1, -1));
        } else if (errno != EINTR) {
            return;
        }
    }
}

}  // namespace

LineWriter::~LineWriter() {
    stop();
}

void LineWriter::start(std::size_t max_bytes) {
    const std::scoped_lock control(control_);
    const std::scoped_lock lock(mutex_);
    max_bytes_ = max_bytes;
    if (thread_.joinable()) {
        return;
    }
    const NoSignals inherited;
    thread_ = std::thread([this] { run(); });
    in_background_ = true;
}

void LineWriter::stop() {
    const std::scoped_lock control(control_);
    if (!thread_.joinable()) {
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LineWriter::set_sink(Sink sink) {
    const std::scoped_lock lock(output_);
    sink_ = std::move(sink);
}

void LineWriter::write(std::string_view line, Urgency urgency) {
    {
        const std::scoped_lock lock(mutex_);
        if (in_background_) {
            const std::size_t chunks = waiting_.size();
            enqueue(line);
            const bool hurry = urgency == Urgency::at_once && !std::exchange(urgent_, true);
            // The writer wakes for the first line, and when there is a full chunk to write.
            if (hurry || (waiting_.size() != chunks && waiting_.size() <= 2)) {
                wake_.notify_one();
            }
            return;
        }
    }
    const std::scoped_lock lock(output_);
    line_.assign(line);
    line_ += '\n';
    emit(line_);
}

void LineWriter::enqueue(std::string_view line) {
    const std::size_t bytes = line.size() + 1;
    ++added_;
    if (bytes > max_bytes_) {
        ++done_;
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    while (waiting_bytes_ + bytes > max_bytes_) {
        drop_oldest();
    }
    if (waiting_.empty() || waiting_.back().text.size() + bytes > chunk_bytes) {
        Chunk& fresh = waiting_.emplace_back();
        fresh.text = std::exchange(spare_, {});
        fresh.text.reserve(std::max(chunk_bytes, bytes));
    }
    Chunk& last = waiting_.back();
    last.text += line;
    last.text += '\n';
    ++last.lines;
    waiting_bytes_ += bytes;
}

void LineWriter::drop_oldest() {
    Chunk& oldest = waiting_.front();
    waiting_bytes_ -= oldest.text.size();
    done_ += oldest.lines;
    dropped_.fetch_add(oldest.lines, std::memory_order_relaxed);
    waiting_.pop_front();
}

void LineWriter::run() {
    static_cast<void>(::pthread_setname_np(::pthread_self(), "log"));
    std::unique_lock lock(mutex_);
    for (;;) {
        Chunk chunk = take(lock);
        if (chunk.lines == 0) {
            in_background_ = stopping_ = urgent_ = false;
            return;
        }
        lock.unlock();
        {
            const std::scoped_lock output(output_);
            emit(chunk.text);
        }
        lock.lock();
        done_ += chunk.lines;
        if (chunk.text.capacity() <= chunk_bytes * 2) {
            chunk.text.clear();
            spare_ = std::move(chunk.text);
        }
        written_.notify_all();
    }
}

/// The oldest chunk, once it is worth writing; an empty one when nothing waits and the thread is to end.
LineWriter::Chunk LineWriter::take(std::unique_lock<std::mutex>& lock) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (!waiting_.empty()) {
        wake_.wait_for(lock, collecting_time, [this] { return stopping_ || urgent_ || waiting_.size() > 1; });
    }
    if (waiting_.empty()) {
        return {};
    }
    Chunk chunk = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= chunk.text.size();
    urgent_ = urgent_ && !waiting_.empty();
    return chunk;
}

void LineWriter::emit(std::string_view text) {
    if (!sink_) {
        return write_to_standard_error(text);
    }
    while (!text.empty()) {
        const auto end = text.find('\n');
        sink_(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
}

bool LineWriter::flush(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!in_background_) {
        return true;
    }
    const std::uint64_t wanted = added_;
    urgent_ = true;
    wake_.notify_one();
    return written_.wait_for(lock, patience, [&] { return done_ >= wanted; });
}

}  // namespace arngate::log
