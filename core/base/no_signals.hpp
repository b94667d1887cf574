#pragma once

#include <pthread.h>

#include <csignal>

namespace arngate {

/// While it lives, the calling thread takes no signals, and the threads that it starts never do: signals are for the
/// thread that waits for them.
class NoSignals {
public:
    NoSignals() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    NoSignals(const NoSignals&) = delete;
    NoSignals& operator=(const NoSignals&) = delete;
    ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}  // namespace arngate
