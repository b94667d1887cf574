#pragma once

#include "core/base/clock.hpp"
#include "core/kube/api_error.hpp"
#include "core/kube/api_session.hpp"
#include "core/kube/backoff.hpp"
#include "core/kube/objects.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace arngate::kube {

/// Which objects are wanted.
struct Collection {
    std::string path;    ///< "/api/v1/namespaces/kube-system/configmaps"
    std::string query;   ///< "fieldSelector=metadata.name%3Daws-auth", or empty
    std::string rights;  ///< for people: "configmaps in namespace kube-system"
};

/// Gets what a ListWatch learns, on its loop. Must not destroy the ListWatch from inside a call.
class ListWatchHandler {
public:
    enum class Stage : std::uint8_t { list, watch };

    ListWatchHandler() = default;
    ListWatchHandler(const ListWatchHandler&) = delete;
    ListWatchHandler& operator=(const ListWatchHandler&) = delete;
    virtual ~ListWatchHandler() = default;

    /// All objects are about to come, one by one; what was known stays so until `list_ended`. May come again without
    /// it, when a list could not be read to its end.
    virtual void list_began() = 0;
    virtual void listed(const Object& object) = 0;
    virtual void list_ended(std::string_view resource_version) = 0;
    /// The server will tell of changes from now on.
    virtual void watching() = 0;
    /// One object, new or changed.
    virtual void changed(const Object& object) = 0;
    virtual void removed(const Object& object) = 0;
    /// What is known may be out of date from now on; it is tried again. A list that ends tells that a list succeeded,
    /// `watching` that a watch did; who may list but not watch gets a list now and then.
    virtual void failed(Stage stage, const ApiError& error) = 0;
};

struct ListWatchOptions {
    BackoffOptions backoff;
    std::chrono::seconds watch_span{290};  ///< after which the server ends a watch
    WatchLimits watch;
    std::chrono::milliseconds list_limit{60'000};  ///< for one page
    std::size_t page_objects = 500;
    std::size_t max_objects = 200'000;
    /// A watch that lasted as long as this was a good one, even without an event.
    std::chrono::seconds good_watch{10};
};

/// Keeps a handler up to date with a collection of objects, as long as it lives: a list, then a watch from the list's
/// version on (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). A watch
/// that the server ends as arranged goes on from the last version seen; whatever else ends one leads to a new list, so
/// no change is lost, whatever happened to server and store meanwhile. Waits between tries, also for a server that has
/// never answered yet. One loop.
class ListWatch {
public:
    /// `handler` and `clock` outlive the object.
    ListWatch(
        boost::asio::any_io_executor executor,
        std::unique_ptr<ApiSession> session,
        Collection collection,
        ListWatchOptions options,
        const Clock& clock,
        ListWatchHandler& handler
    );
    ListWatch(const ListWatch&) = delete;
    ListWatch& operator=(const ListWatch&) = delete;
    /// Ends it; the handler is not called any more.
    ~ListWatch();

    /// Begins; once. The handler is not called before this returns.
    void start();
    /// Lists again now.
    void refresh();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace arngate::kube
