#pragma once

#include <functional>
#include <string_view>
#include <vector>

/// One call whose instructions are counted. `make` prepares its data and gives the call.
struct Case {
    std::string_view name;
    std::function<std::function<void()>()> make;
};

/// Attention and cache updates, in the default model's shape: 9 query heads over 3 heads of 64.
std::vector<Case> attention_cases();
