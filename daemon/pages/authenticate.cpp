#include "daemon/pages/authenticate.hpp"

#include "daemon/http/answers.hpp"
#include "daemon/pages/review_record.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

namespace arngate::pages {
namespace {

/// Records kept for the next reviews, so that a review at rest costs no allocation for its own.
constexpr std::size_t spare_records = 64;

/// Knows no name, but whether it was asked for one: so a mapping that needs none is made in one go.
class AskedForName final : public mapping::NodeNames {
public:
    [[nodiscard]] std::optional<std::string> private_dns_name(std::string_view) const override {
        asked_ = true;
        return std::nullopt;
    }
    [[nodiscard]] bool asked() const noexcept { return asked_; }

private:
    mutable bool asked_ = false;
};

/// The one name that was looked up.
class KnownName final : public mapping::NodeNames {
public:
    KnownName(std::string_view instance_id, std::string name) : id_(instance_id), name_(std::move(name)) {}
    [[nodiscard]] std::optional<std::string> private_dns_name(std::string_view instance_id) const override {
        return instance_id == id_ ? std::optional(name_) : std::nullopt;
    }

private:
    std::string_view id_;
    std::string name_;
};

}  // namespace

struct AuthenticatePage::State : std::enable_shared_from_this<State> {
    /// One review from its request to its log line.
    struct Review {
        ReviewRecord record;
        review::ApiVersion version = review::ApiVersion::none;
        std::shared_ptr<const mapping::Table> table;
        std::optional<auth::Proof> proof;            ///< came before the completion was there
        std::optional<http::Completion> completion;  ///< set while the review waits
        std::shared_ptr<State> state;                ///< while the review lasts
    };
    using ReviewPointer = std::shared_ptr<Review>;
    using Name = ec2::NodeNameResolver::Name;

    State(
        AuthenticateOptions with,
        auth::Authenticator& by,
        const Clock& time,
        std::shared_ptr<const mapping::Table> mapped_by,
        std::shared_ptr<ReviewMetrics> into,
        NodeNameLookup lookup
    )
        : options(std::move(with)),
          authenticator(by),
          clock(time),
          table(std::move(mapped_by)),
          metrics(std::move(into)),
          node_names(std::move(lookup)),
          decoder(options.strictness) {}

    ReviewPointer begin(const http::Request& request) {
        ReviewPointer review;
        if (spare.empty()) {
            review = std::make_shared<Review>();
        } else {
            review = std::move(spare.back());
            spare.pop_back();
        }
        review->record.client.assign(request.peer);
        review->record.method.assign(request.method);
        review->record.path.assign(request.path);
        review->record.started = request.received;
        review->table = table;
        review->state = shared_from_this();
        return review;
    }

    /// After the answer was written.
    static void end(const ReviewPointer& review) {
        const auto state = std::move(review->state);
        ReviewRecord& record = review->record;
        const std::chrono::duration<double> taken = state->clock.steady() - record.started;
        state->metrics->observe(record.reason, record.proven_by, taken.count());
        if (record.user.break_glass) {
            state->metrics->count_break_glass();
        }
        log_review(record, taken.count());
        if (state->spare.size() < spare_records) {
            record.reason = Reason::none;
            record.detail.clear();
            record.proven_by = auth::ProvenBy::nobody;
            record.identity.reset();
            record.user = {};
            record.scrubbed = record.wrong_method = false;
            review->version = review::ApiVersion::none;
            review->table.reset();
            review->proof.reset();
            review->completion.reset();
            state->spare.push_back(review);
        }
    }

    void refuse_method(const ReviewPointer& review, http::Response& response) const {
        review->record.reason = Reason::bad_request;
        review->record.wrong_method = true;
        http::fill_error(response, 405, "expected POST");
        response.allow = "POST";
        finish(review, response);
    }

    void refuse(const ReviewPointer& review, Error error, http::Response& response) const {
        review->record.reason = error.reason;
        review->record.detail = std::move(error.detail);
        take_head(review::encode_refused(response.body, options.style, review->version, error.reason), response);
        finish(review, response);
    }

    /// True: answered. False: the answer comes later.
    bool decide(
        const ReviewPointer& review, std::string_view body, http::Response& response, const http::Defer& defer
    ) {
        auto decoded = decoder.decode(body);
        if (!decoded) {
            refuse(review, std::move(decoded.error()), response);
            return true;
        }
        review->version = decoded->version;
        auto proof = authenticator.prove(decoded->token, [review](auth::Proof late) {
            review->state->conclude_late(review, std::move(late));
        });
        decoder.forget();
        if (!proof) {
            proof = std::exchange(review->proof, std::nullopt);
        }
        if (!proof || !conclude(review, std::move(*proof), response)) {
            review->completion = defer(0);
            return false;
        }
        return true;
    }

    /// Ours to answer for. What was thrown may quote the token, so its text goes nowhere.
    void refuse_after_throw(const ReviewPointer& review, http::Response& response) const {
        response = http::Response{};
        refuse(review, Error{.reason = Reason::internal_error, .detail = {}}, response);
    }

    /// From a proof to the answer: maps, encodes. False: the review waits for EC2, whose answer comes to conclude_named
    /// and never before this returns.
    bool conclude(const ReviewPointer& review, auth::Proof proof, http::Response& response) const {
        ReviewRecord& record = review->record;
        record.proven_by = proof.proven_by;
        if (!proof.identity) {
            refuse(review, std::move(proof.identity.error()), response);
            return true;
        }
        record.identity = std::move(*proof.identity);
        const sts::CallerIdentity& identity = *record.identity;
        record.scrubbed = std::ranges::binary_search(options.scrubbed_accounts, identity.account_id);
        if (node_names.resolver == nullptr) {
            answer(review, review->table->map(identity), response);
            return true;
        }
        const AskedForName names;
        auto user = review->table->map(identity, &names);
        if (!names.asked()) {
            answer(review, std::move(user), response);
            return true;
        }
        ec2::NodeNameQuery query{.instance_id = identity.session_name, .account_id = identity.account_id};
        auto known = node_names.resolver->known(query);
        if (!known) {
            node_names.resolver->resolve(std::move(query), node_names.executor, [review](Name name) {
                review->state->complete(review, [&](http::Response& late) {
                    review->state->conclude_named(review, std::move(name), late);
                    return true;
                });
            });
            return false;
        }
        conclude_named(review, std::move(*known), response);
        return true;
    }

    /// The rest of `conclude`, with what EC2 said.
    void conclude_named(const ReviewPointer& review, Name name, http::Response& response) const {
        if (!name) {
            return refuse(review, std::move(name.error()), response);
        }
        const sts::CallerIdentity& identity = *review->record.identity;
        const KnownName names(identity.session_name, *std::move(name));
        answer(review, review->table->map(identity, &names), response);
    }

    void answer(const ReviewPointer& review, Result<mapping::KubernetesUser> user, http::Response& response) const {
        if (!user) {
            return refuse(review, std::move(user.error()), response);
        }
        ReviewRecord& record = review->record;
        record.user = std::move(*user);
        take_head(
            review::encode_granted(
                response.body, options.style, review->version, record.user, *record.identity, record.scrubbed
            ),
            response
        );
        finish(review, response);
    }

    void conclude_late(const ReviewPointer& review, auth::Proof proof) const {
        if (!review->completion) {
            review->proof = std::move(proof);  // in the middle of prove()
            return;
        }
        complete(review, [&](http::Response& late) { return conclude(review, std::move(proof), late); });
    }

    /// Answers a review that waited. `fill` fills the answer, or says with false that the review waits on.
    template <class Fill>
    void complete(const ReviewPointer& review, Fill fill) const {
        if (!review->completion) {
            return;  // it was answered at once after all, because something was thrown
        }
        http::Response response;
        try {
            if (!fill(response)) {
                return;
            }
        } catch (const std::exception&) {
            refuse_after_throw(review, response);
        }
        http::Completion done = std::move(*review->completion);
        review->completion.reset();
        done(std::move(response));
    }

    static void take_head(const review::AnswerHead& head, http::Response& response) {
        response.status = head.status;
        response.content_type = head.content_type;
        response.retry_after_seconds = head.retry_after_seconds;
        response.no_sniff = head.content_type == http::plain_text;
    }

    static void finish(const ReviewPointer& review, http::Response& response) {
        response.after_write = [review] { end(review); };
    }

    AuthenticateOptions options;
    auth::Authenticator& authenticator;
    const Clock& clock;
    std::shared_ptr<const mapping::Table> table;
    std::shared_ptr<ReviewMetrics> metrics;
    NodeNameLookup node_names;
    review::Decoder decoder;
    std::vector<ReviewPointer> spare;
};

AuthenticatePage::AuthenticatePage(
    AuthenticateOptions options,
    auth::Authenticator& authenticator,
    const Clock& clock,
    std::shared_ptr<const mapping::Table> table,
    std::shared_ptr<ReviewMetrics> metrics,
    NodeNameLookup node_names
) {
    std::ranges::sort(options.scrubbed_accounts);
    state_ = std::make_shared<State>(
        std::move(options), authenticator, clock, std::move(table), std::move(metrics), std::move(node_names)
    );
}

AuthenticatePage::~AuthenticatePage() = default;

void AuthenticatePage::set_table(std::shared_ptr<const mapping::Table> table) {
    state_->table = std::move(table);
}

bool AuthenticatePage::handle(const http::Request& request, http::Response& response, const http::Defer& defer) {
    State& state = *state_;
    const auto review = state.begin(request);
    if (request.method != "POST") {
        state.refuse_method(review, response);
        return true;
    }
    try {
        return state.decide(review, request.body, response, defer);
    } catch (const std::exception&) {
        state.refuse_after_throw(review, response);
        return true;
    }
}

}  // namespace arngate::pages
