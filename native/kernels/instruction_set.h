#pragma once

namespace wyvern::kernels {

struct AttentionKernels;
struct LinearKernels;
struct RowKernels;

/// The inner loops for one set of the processor's instructions. All sets give the same bits.
struct InstructionSet {
    const char* name;
    const AttentionKernels* attention;
    const LinearKernels* linear;
    const RowKernels* rows;
};

/// Those that this processor can run, best first, ended by `portable`.
struct InstructionSets {
    InstructionSet list[6];
    int count;
};
const InstructionSets& instruction_sets();

/// The one in use: the best, unless the environment names another in WYVERN_INSTRUCTION_SET, or a test chose one.
const InstructionSet& instruction_set();
/// For tests and measurements: uses the named one in this process from now on. False if there is none of that name.
bool use_instruction_set(const char* name);

}  // namespace wyvern::kernels
