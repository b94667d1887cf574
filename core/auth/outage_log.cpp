#include "core/auth/outage_log.hpp"

#include "core/base/log.hpp"

namespace arngate::auth {

void OutageLog::used_stale(std::string_view endpoint, Reason reason) {
    {
        const std::lock_guard lock(mutex_);
        if (endpoints_.contains(endpoint)) {
            return;
        }
        endpoints_.emplace(endpoint);
        outages_.store(endpoints_.size(), std::memory_order_relaxed);
    }
    log::warning(
        "STS cannot be asked: tokens that it has proven stay valid to their end",
        {{"stsendpoint", endpoint}, {"reason", label(reason)}}
    );
}

void OutageLog::answered(std::string_view endpoint) {
    if (outages_.load(std::memory_order_relaxed) == 0) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        const auto found = endpoints_.find(endpoint);
        if (found == endpoints_.end()) {
            return;
        }
        endpoints_.erase(found);
        outages_.store(endpoints_.size(), std::memory_order_relaxed);
    }
    log::info("STS answers again", {{"stsendpoint", endpoint}});
}

}  // namespace arngate::auth
