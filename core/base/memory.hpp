#pragma once

namespace arngate {

/// Gives back memory that only the past has needed: free pages of the heap, and pages of the program and its libraries
/// that were mapped to run them. What is used again is mapped again from the page cache, at a microsecond a page or
/// less, so call it after work that is done once, as at the end of the start. Any thread, any time.
void release_unused_memory() noexcept;

}  // namespace arngate
