#pragma once

/// Compiles one source file's functions for an instruction set that the rest of the binary must not need.
///
/// A file opens with its includes of the standard library, then WYVERN_TARGET(…), then everything that may use the
/// instructions. Command-line options would also apply to inline functions of the standard library. The linker keeps
/// one copy of those for the whole binary, perhaps one that an older processor cannot run. MSVC needs nothing: its
/// intrinsics are always available.
#if defined(__clang__)
#define WYVERN_PRAGMA(text) _Pragma(#text)
#define WYVERN_TARGET(features) \
    WYVERN_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define WYVERN_TARGET_END WYVERN_PRAGMA(clang attribute pop)
/// Arm's extensions, which the two compilers spell differently.
#define WYVERN_TARGET_DOT_PRODUCT WYVERN_TARGET("dotprod")
#define WYVERN_TARGET_INT8_MATRIX WYVERN_TARGET("dotprod,i8mm")
#define WYVERN_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define WYVERN_PRAGMA(text) _Pragma(#text)
#define WYVERN_TARGET(features) WYVERN_PRAGMA(GCC push_options) WYVERN_PRAGMA(GCC target(features))
// Templates are instantiated where the file ends, so there the options must still hold.
#define WYVERN_TARGET_END
#define WYVERN_TARGET_DOT_PRODUCT WYVERN_TARGET("arch=armv8.2-a+dotprod")
#define WYVERN_TARGET_INT8_MATRIX WYVERN_TARGET("arch=armv8.2-a+dotprod+i8mm")
#define WYVERN_UNROLL _Pragma("GCC unroll 16")
#else
#define WYVERN_TARGET(features)
#define WYVERN_TARGET_END
#define WYVERN_UNROLL
#endif
