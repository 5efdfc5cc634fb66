#pragma once

namespace wyvern::kernels {

/// Coefficients of the polynomial of degree 6 that is nearest to 2^x on [−½, ½] in relative error (2e-9, by Remez
/// exchange).
inline constexpr float kExp2[] = {1.0f,           0.693147206f,   0.240226469f,   0.0555032878f,
                                  0.00961848896f, 0.00133999312f, 0.000153458120f};

/// Returns 2^x on [−½, ½], for any vector type with `set` and `fma`.
template <class V>
inline typename V::Reg exp2_fraction(typename V::Reg x) {
    typename V::Reg sum = V::set(kExp2[6]);
    sum = V::fma(sum, x, V::set(kExp2[5]));
    sum = V::fma(sum, x, V::set(kExp2[4]));
    sum = V::fma(sum, x, V::set(kExp2[3]));
    sum = V::fma(sum, x, V::set(kExp2[2]));
    sum = V::fma(sum, x, V::set(kExp2[1]));
    return V::fma(sum, x, V::set(kExp2[0]));
}

}  // namespace wyvern::kernels
