#pragma once

#include "core/auth/authenticator.hpp"
#include "core/base/clock.hpp"
#include "core/ec2/node_name_resolver.hpp"
#include "core/mapping/table.hpp"
#include "core/review/decode.hpp"
#include "core/review/encode.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/pages/review_metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arngate::pages {

struct AuthenticateOptions {
    review::Strictness strictness = review::Strictness::strict;
    review::AnswerStyle style;
    std::vector<std::string> scrubbed_accounts;  ///< whose ARNs stay out of logs and answers
};

/// Who knows the names of EC2 instances, for {{EC2PrivateDNSName}}.
struct NodeNameLookup {
    ec2::NodeNameResolver* resolver = nullptr;  ///< must outlive the page; nullptr: such a template fails
    boost::asio::any_io_executor executor{};    ///< the page's loop
};

/// POST /authenticate: decodes a TokenReview, has its token proven, maps the identity and answers. One a loop.
/// A review waits only for STS and, when the mapping asks for the name of an instance that is not known yet, for EC2.
/// Each review is decided by the table that was set when the request came, whatever is set while it waits.
class AuthenticatePage final : public http::Handler {
public:
    /// `authenticator` (of the same loop) and `clock` must outlive the page.
    AuthenticatePage(
        AuthenticateOptions options,
        auth::Authenticator& authenticator,
        const Clock& clock,
        std::shared_ptr<const mapping::Table> table,
        std::shared_ptr<ReviewMetrics> metrics,
        NodeNameLookup node_names = {}
    );
    ~AuthenticatePage() override;

    bool handle(const http::Request& request, http::Response& response, const http::Defer& defer) override;

    /// For reviews to come.
    void set_table(std::shared_ptr<const mapping::Table> table);

private:
    struct State;
    std::shared_ptr<State> state_;  ///< shared with reviews that wait
};

}  // namespace arngate::pages
