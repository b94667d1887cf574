#include "core/ec2/instance_names.hpp"

#include "core/aws/identifiers.hpp"
#include "core/base/log.hpp"
#include "core/base/random.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace arngate::ec2 {

namespace asio = boost::asio;

namespace {

std::unexpected<Error> unknown_instance() {
    return fail(Reason::template_failed, "{{EC2PrivateDNSName}}: EC2 knows no instance of the session name's id");
}

asio::awaitable<Describer::Answer> describe(Describer& describer, LookupQueue::Batch batch, Deadline deadline) {
    auto answer = co_await describer.describe(std::move(batch), deadline);
    co_return answer;
}

}  // namespace

InstanceNamesMetrics::InstanceNamesMetrics(MetricsRegistry& registry)
    : hits(registry.counter(
          "arngate_ec2_cache_lookups_total",
          "Look-ups of EC2 instance names, by whether EC2 had to be asked.",
          {{"result", "hit"}}
      )),
      misses(registry.counter(
          "arngate_ec2_cache_lookups_total",
          "Look-ups of EC2 instance names, by whether EC2 had to be asked.",
          {{"result", "miss"}}
      )),
      entries(registry.gauge("arngate_ec2_cache_entries", "EC2 instances whose names are kept.")),
      waiting(registry.gauge("arngate_ec2_reviews_waiting", "Reviews that wait for EC2.")),
      foreign(registry.counter(
          "arngate_ec2_foreign_instances_total",
          "Callers whose session name is the id of an instance of another account than theirs."
      )) {}

struct InstanceNames::State : std::enable_shared_from_this<State> {
    State(
        asio::any_io_executor loop,
        const Clock& time,
        Describer& by,
        const InstanceNamesOptions& with,
        std::shared_ptr<InstanceNamesMetrics> into
    )
        : executor(std::move(loop)),
          clock(time),
          describer(by),
          same_account(with.same_account),
          metrics(std::move(into)),
          cache(with.cache),
          queue(with.lookup),
          timer(executor) {}

    /// Thread-safe.
    [[nodiscard]] Name name_for(const Instance& instance, const std::string& account_id) const {
        if (same_account && instance.owner_account != account_id) {
            metrics->foreign.add();
            return fail(
                Reason::template_failed,
                "{{EC2PrivateDNSName}}: the instance of the session name's id is of another account than the caller"
            );
        }
        return instance.private_dns_name;
    }

    /// Thread-safe.
    [[nodiscard]] std::optional<Name> known(const NodeNameQuery& query) const {
        // No call is spent on what EC2 cannot have: the session name is the caller's to choose.
        if (!aws::is_ec2_instance_id(query.instance_id)) {
            return unknown_instance();
        }
        const auto found = cache.find(query.instance_id, clock.steady());
        if (!found) {
            return std::nullopt;
        }
        return found->instance ? name_for(*found->instance, query.account_id) : Name(unknown_instance());
    }

    static void reply(const asio::any_io_executor& to, Done done, Name name) {
        asio::post(to, [done = std::move(done), name = std::move(name)]() mutable { done(std::move(name)); });
    }

    // What follows runs on the loop.

    void look_up(const NodeNameQuery& query, const asio::any_io_executor& reply_to, Done done) {
        if (auto name = known(query)) {
            return reply(reply_to, std::move(done), std::move(*name));
        }
        if (closed) {
            return reply(reply_to, std::move(done), fail(Reason::ec2_unavailable, "the server is shutting down"));
        }
        // Kept aside, since a queue that is full does not give the waiter back.
        auto waiter = std::make_shared<Done>(std::move(done));
        const bool taken = queue.add(
            query.instance_id,
            [this, waiter, reply_to, account_id = query.account_id](const LookupQueue::Outcome& outcome) {
                reply(
                    reply_to,
                    std::move(*waiter),
                    outcome ? name_for(*outcome, account_id) : Name(std::unexpected(outcome.error()))
                );
            },
            clock.steady()
        );
        if (!taken) {
            return reply(reply_to, std::move(*waiter), fail(Reason::overloaded, "too many reviews wait for EC2"));
        }
        pump();
    }

    /// Does what is due, and sets the timer for what will be.
    void pump() {
        const SteadyTime now = clock.steady();
        settle(queue.expire(now));
        for (auto batch = queue.take_batch(now); !batch.empty(); batch = queue.take_batch(now)) {
            start(std::move(batch), now);
        }
        metrics->waiting.set(static_cast<double>(queue.waiting()));
        const auto at = queue.wake_at(now);
        if (!at) {
            timer.cancel();
            return;
        }
        timer.expires_at(*at);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& ec) {
            if (!ec && !self->closed) {
                self->pump();
            }
        });
    }

    void start(LookupQueue::Batch batch, SteadyTime now) {
        const Deadline deadline(queue.deadline_of(batch, now));
        auto task = describe(describer, batch, deadline);
        asio::co_spawn(
            executor,
            std::move(task),
            [self = shared_from_this(),
             batch = std::move(batch)](const std::exception_ptr& failure, Describer::Answer answer) {
                if (failure) {
                    log::error("a call of EC2 ended with an exception");
                    answer = std::unexpected(
                        DescribeError{.kind = DescribeError::Kind::bad_answer, .detail = "the call failed", .named = {}}
                    );
                }
                self->finish(batch, std::move(answer));
            }
        );
    }

    void finish(const LookupQueue::Batch& batch, Describer::Answer answer) {
        if (closed) {
            return;
        }
        if (!answer && answer.error().kind != DescribeError::Kind::unknown_instance) {
            log::warning(
                "EC2 DescribeInstances failed", {{"error", answer.error().detail}, {"instances", batch.size()}}
            );
        }
        settle(queue.finish(batch, std::move(answer), clock.steady(), random_draw()));
        pump();
    }

    void settle(std::vector<LookupQueue::Settled> settled) {
        const SteadyTime now = clock.steady();
        for (LookupQueue::Settled& each : settled) {
            if (each.outcome) {
                cache.insert(*each.outcome, now);
            } else if (each.is_unknown) {
                cache.insert_unknown(each.id, now);
            }
            for (LookupQueue::Waiter& waiter : each.waiters) {
                waiter(each.outcome);
            }
        }
        metrics->entries.set(static_cast<double>(cache.instances()));
    }

    void close() {
        closed = true;
        timer.cancel();
        settle(queue.close());
        metrics->waiting.set(0);
    }

    asio::any_io_executor executor;
    const Clock& clock;
    Describer& describer;
    const bool same_account;
    std::shared_ptr<InstanceNamesMetrics> metrics;
    NameCache cache;
    LookupQueue queue;  ///< this and what follows: on the loop alone
    asio::steady_timer timer;
    bool closed = false;
};

InstanceNames::InstanceNames(
    asio::any_io_executor executor,
    const Clock& clock,
    Describer& describer,
    const InstanceNamesOptions& options,
    std::shared_ptr<InstanceNamesMetrics> metrics
)
    : state_(std::make_shared<State>(std::move(executor), clock, describer, options, std::move(metrics))) {}

InstanceNames::~InstanceNames() = default;

std::optional<NodeNameResolver::Name> InstanceNames::known(const NodeNameQuery& query) {
    auto name = state_->known(query);
    (name ? state_->metrics->hits : state_->metrics->misses).add();
    return name;
}

void InstanceNames::resolve(NodeNameQuery query, asio::any_io_executor reply_to, Done done) {
    asio::post(
        state_->executor,
        [state = state_, query = std::move(query), reply_to = std::move(reply_to), done = std::move(done)]() mutable {
            state->look_up(query, reply_to, std::move(done));
        }
    );
}

void InstanceNames::close() {
    state_->close();
}

}  // namespace arngate::ec2
