// The promise that checking a token costs one allocation. A program of its own, because it replaces operator new.

#include "tests/core/token/sample.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    void* block = std::malloc(size == 0 ? 1 : size);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return block;
}

}  // namespace

void* operator new(std::size_t size) {
    return counted(size);
}
void* operator new[](std::size_t size) {
    return counted(size);
}
void operator delete(void* block) noexcept {
    std::free(block);
}
void operator delete[](void* block) noexcept {
    std::free(block);
}
void operator delete(void* block, std::size_t /*size*/) noexcept {
    std::free(block);
}
void operator delete[](void* block, std::size_t /*size*/) noexcept {
    std::free(block);
}

namespace arngate::token {
namespace {

std::size_t allocations_of_parsing(std::string_view token) {
    const ParseRules rules = sample::rules();
    const WallTime now = sample::at(sample::date);
    const std::size_t before = allocations.load();
    const auto parsed = PresignedUrl::parse(token, rules, now);
    return allocations.load() - before;
}

TEST(PresignedUrlAllocations, AreOneForAGoodToken) {
    EXPECT_EQ(allocations_of_parsing(sample::token_of(sample::url())), 1U);
}

TEST(PresignedUrlAllocations, AreAtMostOneForARefusal) {
    EXPECT_EQ(allocations_of_parsing("eyJhbGciOiJSUzI1NiJ9.e30.c2ln"), 0U);
    EXPECT_EQ(allocations_of_parsing(std::string(64 * 1024, 'x')), 0U);
    EXPECT_EQ(allocations_of_parsing(sample::token_of("https://example.com/")), 1U);
    EXPECT_EQ(allocations_of_parsing(sample::token_of(sample::url() + "&action=")), 1U);
    EXPECT_EQ(allocations_of_parsing(sample::token_with("X-Amz-Date", "x")), 1U);
}

}  // namespace
}  // namespace arngate::token
