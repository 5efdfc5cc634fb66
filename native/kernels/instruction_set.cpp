#include "instruction_set.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "attention_kernels.h"
#include "linear/linear_kernels.h"
#include "rows/row_kernels.h"

#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#elif defined(__x86_64__)
#include <cpuid.h>
#elif defined(_WIN32)
#include <windows.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace wyvern::kernels {

namespace {

#if defined(__x86_64__) || defined(_M_X64)

/// CPUID: EAX, EBX, ECX and EDX of a leaf; zeros if the processor has no such leaf.
struct Leaf {
    unsigned registers[4] = {};

    Leaf(unsigned leaf, unsigned subleaf) {
#if defined(_MSC_VER)
        int info[4];
        __cpuid(info, 0);
        if (static_cast<unsigned>(info[0]) < leaf) return;
        __cpuidex(info, static_cast<int>(leaf), static_cast<int>(subleaf));
        for (int i = 0; i < 4; ++i) registers[i] = static_cast<unsigned>(info[i]);
#else
        __get_cpuid_count(leaf, subleaf, &registers[0], &registers[1], &registers[2], &registers[3]);
#endif
    }
    bool has(int index, unsigned bits) const { return (registers[index] & bits) == bits; }
};

/// Returns the register sets that the system saves.
unsigned long long saved_registers() {
    constexpr unsigned kOsxsave = 1u << 27;
    if (!Leaf(1, 0).has(2, kOsxsave)) return 0;
#if defined(_MSC_VER)
    return _xgetbv(0);
#else
    unsigned low = 0;
    unsigned high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return static_cast<unsigned long long>(high) << 32 | low;
#endif
}

bool saves(unsigned long long registers) { return (saved_registers() & registers) == registers; }

bool has_avx2() {
    constexpr unsigned kFmaAvxF16c = 1u << 12 | 1u << 28 | 1u << 29;
    return saves(0x6) && Leaf(1, 0).has(2, kFmaAvxF16c) && Leaf(7, 0).has(1, 1u << 5);
}
bool has_avx_vnni() { return has_avx2() && Leaf(7, 1).has(0, 1u << 4); }
bool has_avx512() {
    constexpr unsigned kFDqBwVl = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    return has_avx2() && saves(0xe6) && Leaf(7, 0).has(1, kFDqBwVl);
}
bool has_avx512_vnni() { return has_avx512() && Leaf(7, 0).has(2, 1u << 11); }

#elif defined(_WIN32)

bool has_dot_product() { return IsProcessorFeaturePresent(43) != 0; }  // PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE
bool has_int8_matrix() { return IsProcessorFeaturePresent(66) != 0; }  // PF_ARM_V82_I8MM_INSTRUCTIONS_AVAILABLE

#elif defined(__aarch64__)

bool has_dot_product() { return (getauxval(AT_HWCAP) & 1ul << 20) != 0; }   // HWCAP_ASIMDDP
bool has_int8_matrix() { return (getauxval(AT_HWCAP2) & 1ul << 13) != 0; }  // HWCAP2_I8MM

#endif

InstructionSets find_sets() {
    InstructionSets sets{};
    const auto add = [&sets](const InstructionSet& set) { sets.list[sets.count++] = set; };
#if defined(__x86_64__) || defined(_M_X64)
    if (has_avx512_vnni()) add({"avx512-vnni", &kAvx512Kernels, &kAvx512VnniLinear, &kAvx512Rows});
    if (has_avx512()) add({"avx512", &kAvx512Kernels, &kAvx2Linear, &kAvx512Rows});
    if (has_avx_vnni()) add({"avx-vnni", &kAvx2Kernels, &kAvxVnniLinear, &kAvx2Rows});
    if (has_avx2()) add({"avx2", &kAvx2Kernels, &kAvx2Linear, &kAvx2Rows});
#elif defined(__aarch64__) || defined(_M_ARM64)
#if !defined(_MSC_VER) || defined(__clang__)
    if (has_dot_product() && has_int8_matrix()) add({"i8mm", &kNeonKernels, &kInt8MatrixLinear, &kNeonRows});
    if (has_dot_product()) add({"dotprod", &kNeonKernels, &kDotProductLinear, &kNeonRows});
#endif
    add({"neon", &kNeonKernels, &kNeonLinear, &kNeonRows});
#endif
    add({"portable", &kPortableKernels, &kPortableLinear, &kPortableRows});
    return sets;
}

/// Returns null if this processor has no instruction set of that name.
const InstructionSet* find(const char* name) {
    const InstructionSets& sets = instruction_sets();
    for (int i = 0; i < sets.count; ++i) {
        if (std::strcmp(sets.list[i].name, name) == 0) return &sets.list[i];
    }
    return nullptr;
}

const InstructionSet* first_choice() {
    const char* name = std::getenv("WYVERN_INSTRUCTION_SET");
    const InstructionSet* named = name == nullptr ? nullptr : find(name);
    return named != nullptr ? named : &instruction_sets().list[0];
}

std::atomic<const InstructionSet*>& chosen() {
    static std::atomic<const InstructionSet*> set{first_choice()};
    return set;
}

}  // namespace

const InstructionSets& instruction_sets() {
    static const InstructionSets sets = find_sets();
    return sets;
}

const InstructionSet& instruction_set() { return *chosen().load(std::memory_order_relaxed); }

bool use_instruction_set(const char* name) {
    const InstructionSet* set = find(name);
    if (set != nullptr) chosen().store(set, std::memory_order_relaxed);
    return set != nullptr;
}

}  // namespace wyvern::kernels
