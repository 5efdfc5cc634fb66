/// `instruction_cases --list`: the names of the calls and their vectors' bytes on x86-64.
/// `instruction_cases NAME ROUNDS CHECKOUT`: one call, ROUNDS times, on one thread. The difference between two numbers
/// of rounds is the cost of the calls alone. CHECKOUT is the project's folder, with the data of some calls.

#include <executorch/runtime/platform/runtime.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "../../model/kv_layout.h"
#include "../../sampler.h"
#include "cases.h"

// The SDK's threadpool library exports these; its headers leave them out.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
    bool _unsafe_reset_threadpool(std::uint32_t threads);
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace {

using wyvern::CacheShape;
using wyvern::MaskType;
using wyvern::Sampler;
using wyvern::SamplingOptions;

/// The largest vocabulary of a model that the app runs.
constexpr std::size_t kVocabulary = 262144;

std::function<void()> sampling(SamplingOptions options) {
    options.seed = 1;
    auto logits = std::make_shared<std::vector<float>>(kVocabulary);
    // Like a trained model's logits: some hundred high ones among many low ones. The generator gives the same numbers
    // on all machines.
    std::uint32_t state = 1;
    for (float& logit : *logits) {
        state = state * 1664525u + 1013904223u;
        const float uniform = static_cast<float>(state >> 8) * 0x1.0p-24f;
        logit = 24.0f * std::pow(uniform, 64.0f) - 8.0f;
    }
    auto sampler = std::make_shared<Sampler>(options);
    auto recent = std::make_shared<std::vector<std::int32_t>>(std::vector<std::int32_t>{1, 2, 3});
    return [=] {
        if (sampler->sample(*logits, *recent) < 0) std::abort();
    };
}

/// One layer of Llama 3.2 1B on the NPU, in 8 bits: context 1024, prefill in calls of 128.
constexpr CacheShape kLayer{8, 64, 1};
constexpr std::size_t kContext = 1024;
constexpr std::size_t kPrefill = 128;
constexpr std::size_t kDecodeSlots = kContext - 1;
constexpr std::size_t kPrefillSlots = kContext - kPrefill;
constexpr std::size_t kUsed = 512;

using CacheCall = void (*)(std::byte* cache, const std::byte* fresh);

std::function<void()> caches(CacheCall call) {
    const std::size_t row = kLayer.heads * kLayer.head_dim * kLayer.element_bytes;
    auto cache = std::make_shared<std::vector<std::byte>>(row * kContext);
    auto fresh = std::make_shared<std::vector<std::byte>>(row * kPrefill);
    return [=] { call(cache->data(), fresh->data()); };
}

std::function<void()> mask(std::size_t ar) {
    auto memory = std::make_shared<std::vector<std::uint16_t>>(ar * kContext);
    return [=] { wyvern::fill_mask(MaskType::kUint16, memory->data(), ar, kContext, kUsed, 0); };
}

SamplingOptions options(double temperature, std::size_t top_k, double top_p, double min_p, double penalty) {
    SamplingOptions options;
    options.temperature = temperature;
    options.top_k = top_k;
    options.top_p = top_p;
    options.min_p = min_p;
    options.repetition_penalty = penalty;
    return options;
}

std::vector<Case> sampler_cases() {
    return {
        {"sampler-greedy", 16, [] { return sampling(options(0, 0, 1, 0, 1)); }},
        {"sampler-penalty", 16, [] { return sampling(options(0, 0, 1, 0, 1.1)); }},
        {"sampler-all", 16, [] { return sampling(options(0.8, 0, 1, 0, 1)); }},
        {"sampler-top-k-40", 16, [] { return sampling(options(0.8, 40, 1, 0, 1)); }},
        {"sampler-top-p-0.95", 16, [] { return sampling(options(0.8, 0, 0.95, 0, 1)); }},
        {"sampler-min-p-0.05", 16, [] { return sampling(options(0.8, 0, 1, 0.05, 1)); }},
    };
}

std::vector<Case> npu_cases() {
    return {
        {"npu-append-keys-decode", 16,
         [] { return caches([](auto* c, auto* f) { append_keys(kLayer, c, kDecodeSlots, f, 1, kUsed, 1); }); }},
        {"npu-append-keys-prefill-128", 32,
         [] { return caches([](auto* c, auto* f) { append_keys(kLayer, c, kPrefillSlots, f, 128, kUsed, 128); }); }},
        {"npu-append-values-decode", 32,
         [] { return caches([](auto* c, auto* f) { append_values(kLayer, c, kDecodeSlots, f, 1, kUsed, 1); }); }},
        {"npu-append-values-prefill-128", 32,
         [] { return caches([](auto* c, auto* f) { append_values(kLayer, c, kPrefillSlots, f, 128, kUsed, 128); }); }},
        {"npu-repack-keys", 32,
         [] { return caches([](auto* c, auto*) { repack_keys(kLayer, c, kPrefillSlots, kDecodeSlots, kUsed); }); }},
        {"npu-repack-values", 32,
         [] { return caches([](auto* c, auto*) { repack_values(kLayer, c, kPrefillSlots, kDecodeSlots, kUsed); }); }},
        {"npu-mask-decode", 16, [] { return mask(1); }},
        {"npu-mask-prefill-128", 16, [] { return mask(kPrefill); }},
    };
}

std::vector<Case> all_cases(const std::string& checkout) {
    std::vector<Case> all;
    for (auto list :
         {attention_cases(), linear_cases(), row_cases(), sampler_cases(), npu_cases(), tokenizer_cases(checkout)}) {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    executorch::runtime::runtime_init();
    const std::vector<Case> cases = all_cases(argc == 4 ? argv[3] : "");
    if (argc == 2 && std::string(argv[1]) == "--list") {
        for (const Case& one : cases) std::printf("%s %d\n", std::string(one.name).c_str(), one.x86_vector_bytes);
        return 0;
    }
    for (const Case& one : cases) {
        if (argc != 4 || one.name != argv[1]) continue;
        executorch::extension::threadpool::get_threadpool()->_unsafe_reset_threadpool(1);
        const auto call = one.make();
        for (long left = std::strtol(argv[2], nullptr, 10); left > 0; --left) call();
        return 0;
    }
    std::fprintf(stderr, "usage: instruction_cases --list | NAME ROUNDS CHECKOUT\n");
    return 2;
}
