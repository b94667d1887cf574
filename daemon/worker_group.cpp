#include "daemon/worker_group.hpp"

#include <fmt/format.h>

#include <atomic>
#include <utility>

namespace arngate {

void WorkerGroup::add(const Shared& shared, std::shared_ptr<const mapping::Table> table, http::BoundSocket webhook) {
    loops_.push_back(std::make_unique<EventLoop>(fmt::format("arngate-loop{}", loops_.size())));
    workers_.push_back(std::make_unique<Worker>(*loops_.back(), shared, std::move(table), std::move(webhook)));
}

void WorkerGroup::start() {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        workers_[i]->start();
        loops_[i]->start();
    }
}

std::vector<EventLoop*> WorkerGroup::loops() const {
    std::vector<EventLoop*> loops;
    for (const auto& loop : loops_) {
        loops.push_back(loop.get());
    }
    return loops;
}

void WorkerGroup::set_tls(const http::TlsServer& tls) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        loops_[i]->post([worker = workers_[i].get(), tls] { worker->set_tls(tls); });
    }
}

void WorkerGroup::set_table(const std::shared_ptr<const mapping::Table>& table) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        loops_[i]->post([worker = workers_[i].get(), copy = table]() mutable { worker->set_table(std::move(copy)); });
    }
}

void WorkerGroup::drain(std::function<void()> done) {
    struct Undrained {
        std::atomic<std::size_t> count;
        std::function<void()> all;
    };
    // Those that ask how the process is are served until no review runs any more, on whichever loop.
    auto all = [loop = loops_.front().get(), worker = workers_.front().get(), done = std::move(done)] {
        loop->post([worker, done] { worker->drain_sides(done); });
    };
    const auto undrained = std::make_shared<Undrained>(workers_.size(), std::move(all));
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        loops_[i]->post([undrained, worker = workers_[i].get()] {
            worker->drain([undrained] {
                if (--undrained->count == 0) {
                    undrained->all();
                }
            });
        });
    }
}

void WorkerGroup::finish(std::chrono::milliseconds patience) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        loops_[i]->post([worker = workers_[i].get()] { worker->close(); });
        loops_[i]->finish(patience);
    }
    workers_.clear();
}

}  // namespace arngate
