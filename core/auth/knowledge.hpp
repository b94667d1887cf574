#pragma once

#include "core/auth/flight_board.hpp"
#include "core/auth/outage_log.hpp"
#include "core/base/metrics.hpp"
#include "core/identity/refusal_store.hpp"
#include "core/identity/verification_cache.hpp"

#include <memory>

namespace arngate::auth {

struct KnowledgeOptions {
    /// `keep_stale` also decides whether what is stale is used while STS cannot be asked.
    identity::CacheOptions cache;
    identity::RefusalOptions refusals;
};

/// What all loops know of tokens together. Each part is thread-safe.
struct Knowledge {
    /// `registry` must outlive this.
    Knowledge(const KnowledgeOptions& options, MetricsRegistry& registry)
        : cache_metrics(std::make_shared<identity::CacheMetrics>(registry)),
          cache(options.cache, cache_metrics),
          refusals(options.refusals, registry) {}

    std::shared_ptr<identity::CacheMetrics> cache_metrics;
    identity::VerificationCache cache;
    identity::RefusalStore refusals;
    FlightBoard flights;
    OutageLog outages;
};

}  // namespace arngate::auth
