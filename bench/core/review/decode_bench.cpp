#include "core/review/decode.hpp"

#include "bench/core/token/sample_token.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace arngate;

// The body as kube-apiserver writes it, with the padding that decoding in place needs.
std::string padded_body(std::string_view token) {
    std::string body =
        R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":")";
    body += token;
    body += R"(","audiences":["https://kubernetes.default.svc"]},"status":{"user":{}}})";
    body.resize(body.size() + review::body_padding);
    return body;
}

void BM_review_decode(benchmark::State& state, review::Strictness strictness) {
    const Secret token = bench::sample_token(static_cast<std::size_t>(state.range(0)));
    const std::string padded = padded_body(token.expose());
    const std::string_view body(padded.data(), padded.size() - review::body_padding);
    review::Decoder decoder(strictness);
    for (auto _ : state) {
        auto decoded = decoder.decode(body);
        if (!decoded) {
            state.SkipWithError("the sample body was refused");
            break;
        }
        benchmark::DoNotOptimize(decoded);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK_CAPTURE(BM_review_decode, strict, review::Strictness::strict)->ArgName("session_bytes")->Arg(0)->Arg(700);
BENCHMARK_CAPTURE(BM_review_decode, lenient, review::Strictness::lenient)->ArgName("session_bytes")->Arg(0)->Arg(700);

}  // namespace
