#pragma once

namespace wyvern::kernels {

struct AttentionKernels;
struct LinearKernels;
struct RowKernels;

/// The inner loops for one set of the processor's instructions. All sets compute the same bits.
struct InstructionSet {
    const char* name;
    const AttentionKernels* attention;
    const LinearKernels* linear;
    const RowKernels* rows;
};

/// The sets that this processor can run: the best first, `portable` last.
struct InstructionSets {
    InstructionSet list[6];
    int count;
};
const InstructionSets& instruction_sets();

/// Returns the set in use: the best, unless WYVERN_INSTRUCTION_SET in the environment or a test chose another.
const InstructionSet& instruction_set();
/// Makes this process use the named set from now on, for tests and measurements. Returns false if there is none of that
/// name.
bool use_instruction_set(const char* name);

}  // namespace wyvern::kernels
