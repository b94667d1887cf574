#pragma once

#include "config/sources/crd_document.hpp"
#include "core/kube/api_session.hpp"
#include "core/kube/backoff.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace arngate::config {

struct CrdStatusWriterOptions {
    std::chrono::milliseconds pause{50};  ///< between two objects
    kube::BackoffOptions backoff{};       ///< after a failure
    std::chrono::milliseconds request_limit{30'000};
};

/// Writes `status.canonicalARN` of IAMIdentityMapping objects, one after the other, and records an event about each
/// that it wrote. An object is written only if it is still the version that was read, so of several servers one
/// succeeds and none undoes what another wrote. One loop.
class CrdStatusWriter {
public:
    CrdStatusWriter(
        boost::asio::any_io_executor executor, std::unique_ptr<kube::ApiSession> session, CrdStatusWriterOptions options
    );
    CrdStatusWriter(const CrdStatusWriter&) = delete;
    CrdStatusWriter& operator=(const CrdStatusWriter&) = delete;
    /// What is not written yet stays unwritten.
    ~CrdStatusWriter();

    /// The object as it was just read; written later if its status is not what it should be. A newer version replaces
    /// one that waits.
    void look_at(const std::string& name, const IdentityMapping& object);
    void forget(std::string_view name);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace arngate::config
