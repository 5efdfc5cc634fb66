#include "scratch.h"

#include <cstdint>
#include <memory>
#include <new>

namespace wyvern::kernels {

namespace {

class Scratch {
 public:
    float* reserve(std::size_t count) {
        if (count > size_) {
            memory_.reset();
            memory_.reset(new (std::nothrow) float[count + kAlignment / sizeof(float)]);
            size_ = memory_ ? count : 0;
        }
        if (!memory_) return nullptr;
        const auto address = reinterpret_cast<std::uintptr_t>(memory_.get());
        return memory_.get() + (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
    }

 private:
    static constexpr std::size_t kAlignment = 64;
    std::unique_ptr<float[]> memory_;
    std::size_t size_ = 0;
};

}  // namespace

float* scratch_of_thread(std::size_t floats) {
    thread_local Scratch scratch;
    return scratch.reserve(floats);
}

}  // namespace wyvern::kernels
