#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "narrow_float.h"
#include "vector_exp2.h"

namespace wyvern::kernels {

#if defined(__GNUC__) || defined(__clang__)
using PortableReg = float __attribute__((vector_size(16)));
#else
struct PortableReg {
    float lane[4];
    float& operator[](int i) { return lane[i]; }
    float operator[](int i) const { return lane[i]; }
    friend PortableReg operator+(PortableReg a, PortableReg b) {
        return {a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]};
    }
    friend PortableReg operator-(PortableReg a, PortableReg b) {
        return {a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]};
    }
    friend PortableReg operator*(PortableReg a, PortableReg b) {
        return {a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]};
    }
    friend PortableReg operator/(PortableReg a, PortableReg b) {
        return {a[0] / b[0], a[1] / b[1], a[2] / b[2], a[3] / b[3]};
    }
};
#endif

/// Four float32 lanes without intrinsics, for processors without a better version. GCC and Clang compile it to SSE2.
struct Portable {
    using Reg = PortableReg;
    static constexpr int kLanes = 4;
    /// 4 × 2 sums, 2 vectors, 1 broadcast, of 16 registers.
    static constexpr int kTileRows = 4;
    static constexpr int kTileVectors = 2;
    static constexpr int kDecodeRows = 2;

    static Reg zero() { return set(0); }
    static Reg set(float x) { return Reg{x, x, x, x}; }
    static Reg load(const float* p) {
        Reg x;
        std::memcpy(&x, p, sizeof x);
        return x;
    }
    static void store(float* p, Reg x) { std::memcpy(p, &x, sizeof x); }
    static Reg add(Reg a, Reg b) { return a + b; }
    static Reg sub(Reg a, Reg b) { return a - b; }
    static Reg mul(Reg a, Reg b) { return a * b; }
    static Reg div(Reg a, Reg b) { return a / b; }
    /// Rounds once, like the instructions of the other versions.
    static Reg fma(Reg a, Reg b, Reg c) {
        for (int i = 0; i < kLanes; ++i) c[i] = std::fma(a[i], b[i], c[i]);
        return c;
    }
    /// Returns b where either is NaN.
    static Reg max(Reg a, Reg b) {
        for (int i = 0; i < kLanes; ++i) a[i] = a[i] > b[i] ? a[i] : b[i];
        return a;
    }
    static Reg where_less(Reg a, Reg b, Reg yes, Reg no) {
        for (int i = 0; i < kLanes; ++i) no[i] = a[i] < b[i] ? yes[i] : no[i];
        return no;
    }
    static float greatest(Reg x) {
        const float low = x[0] > x[1] ? x[0] : x[1];
        const float high = x[2] > x[3] ? x[2] : x[3];
        return low > high ? low : high;
    }
    /// Reduces sixteen lanes to eight: lane i plus lane i + 8.
    static void store_eight(float* p, const Reg (&x)[4]) {
        store(p, add(x[0], x[2]));
        store(p + 4, add(x[1], x[3]));
    }
    /// Writes the sums of four times eight lanes to p[0…3]. Adds neighbours, then the sums of neighbours, and so on.
    static void store_sums(float* p, const float* eights) {
        for (int i = 0; i < 4; ++i) {
            const float* h = eights + 8 * i;
            p[i] = ((h[0] + h[1]) + (h[2] + h[3])) + ((h[4] + h[5]) + (h[6] + h[7]));
        }
    }
    static void prefetch(std::uintptr_t) {}
    static Reg load_half(const std::uint16_t* p) {
        return Reg{half_to_float(p[0]), half_to_float(p[1]), half_to_float(p[2]), half_to_float(p[3])};
    }
    static Reg load_bfloat(const std::uint16_t* p) {
        return Reg{bfloat_to_float(p[0]), bfloat_to_float(p[1]), bfloat_to_float(p[2]), bfloat_to_float(p[3])};
    }
    static Reg load_int8(const std::int8_t* p) {
        return Reg{static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2]),
                   static_cast<float>(p[3])};
    }
    /// Returns 2^x for x ≤ 0: exactly 1 at 0, exactly 0 at −∞.
    static Reg exp2(Reg x) {
        x = max(set(-127.0f), x);
        Reg scale;
        Reg whole;
        for (int i = 0; i < 4; ++i) {
            // Adding and subtracting 1.5 · 2^23 rounds to the nearest whole number; its low bits hold that number.
            const float shifted = x[i] + 12582912.0f;
            whole[i] = shifted - 12582912.0f;
            scale[i] = std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) + 127u) << 23);
        }
        return mul(exp2_fraction<Portable>(sub(x, whole)), scale);
    }
};

}  // namespace wyvern::kernels
