#include <atomic>
#include <cstring>

#include "attention_kernels.h"

#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#endif

namespace wyvern::kernels {

namespace {

#if defined(_MSC_VER) && defined(_M_X64)

/// CPUID says what the processor has; XGETBV, which registers the system saves for us.
bool has(int leaf, int reg, unsigned bits) {
    int info[4];
    __cpuid(info, 0);
    if (info[0] < leaf) return false;
    __cpuidex(info, leaf, 0);
    return (static_cast<unsigned>(info[reg]) & bits) == bits;
}
bool saves(unsigned long long states) {
    constexpr unsigned kOsxsave = 1u << 27;
    return has(1, 2, kOsxsave) && (_xgetbv(0) & states) == states;
}
bool has_avx2() {
    constexpr unsigned kFmaAvxF16c = 1u << 12 | 1u << 28 | 1u << 29;
    return saves(0x6) && has(1, 2, kFmaAvxF16c) && has(7, 1, 1u << 5);
}
bool has_avx512() {
    constexpr unsigned kFDqBwVl = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    return has_avx2() && saves(0xe6) && has(7, 1, kFDqBwVl);
}

#elif defined(__x86_64__)

bool has_avx2() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#endif

KernelChoices find_choices() {
    KernelChoices choices{};
    const auto add = [&choices](const AttentionKernels& kernels) { choices.list[choices.count++] = &kernels; };
#if defined(__x86_64__) || defined(_M_X64)
    if (has_avx512()) add(kAvx512Kernels);
    if (has_avx2()) add(kAvx2Kernels);
#elif defined(__aarch64__) || defined(_M_ARM64)
    add(kNeonKernels);
#endif
    add(kPortableKernels);
    return choices;
}

std::atomic<const AttentionKernels*> chosen{nullptr};

}  // namespace

const KernelChoices& kernel_choices() {
    static const KernelChoices choices = find_choices();
    return choices;
}

const AttentionKernels& active_kernels() {
    const AttentionKernels* kernels = chosen.load(std::memory_order_relaxed);
    return kernels != nullptr ? *kernels : *kernel_choices().list[0];
}

bool use_kernels(const char* name) {
    const KernelChoices& choices = kernel_choices();
    for (int i = 0; i < choices.count; ++i) {
        if (std::strcmp(choices.list[i]->name, name) == 0) {
            chosen.store(choices.list[i], std::memory_order_relaxed);
            return true;
        }
    }
    return false;
}

}  // namespace wyvern::kernels
