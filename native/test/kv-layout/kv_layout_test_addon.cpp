/// Lets JavaScript call `kv_layout` and `Rotation` on memory that it owns, and times a decode step's share of it. Test
/// only; see kv-layout-test-addon.ts for its types. It trusts its caller, like the model's code.

#include <napi.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "../../context/rotation.h"
#include "../../model/kv_layout.h"

namespace {

using namespace wyvern;

size_t number(const Napi::CallbackInfo& info, size_t index) {
    return static_cast<size_t>(info[index].As<Napi::Number>().Int64Value());
}

std::byte* bytes(const Napi::CallbackInfo& info, size_t index) {
    return reinterpret_cast<std::byte*>(info[index].As<Napi::Uint8Array>().Data());
}

CacheShape shape_of(const Napi::Value& value) {
    const auto object = value.As<Napi::Object>();
    const auto field = [&](const char* name) {
        return static_cast<size_t>(object.Get(name).As<Napi::Number>().Int64Value());
    };
    return {field("heads"), field("headDim"), field("elementBytes")};
}

template <auto function>
void append(const Napi::CallbackInfo& info) {
    function(shape_of(info[0]), bytes(info, 1), number(info, 2), bytes(info, 3), number(info, 4), number(info, 5),
             number(info, 6));
}

template <auto function>
void repack(const Napi::CallbackInfo& info) {
    function(shape_of(info[0]), bytes(info, 1), number(info, 2), number(info, 3), number(info, 4));
}

void mask(const Napi::CallbackInfo& info) {
    const std::string type = info[0].As<Napi::String>().Utf8Value();
    const MaskType kind = type == "uint8"    ? MaskType::kUint8
                          : type == "uint16" ? MaskType::kUint16
                                             : MaskType::kFloat32;
    fill_mask(kind, bytes(info, 1), number(info, 2), number(info, 3), number(info, 4), number(info, 5));
}

/// Cosines, then sines.
Napi::Value rotation(const Napi::CallbackInfo& info) {
    const auto given = info[0].As<Napi::Float64Array>();
    const size_t pairs = given.ElementLength();
    const Rotation row{{given.Data(), given.Data() + pairs}, info[1].As<Napi::Number>().DoubleValue()};
    auto result = Napi::Float32Array::New(info.Env(), 2 * pairs);
    row.row(number(info, 2), {result.Data(), pairs}, {result.Data() + pairs, pairs});
    return result;
}

double microseconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double, std::micro>(duration).count();
}

/// Caches, masks and outputs of a model, with a stand-in for `execute` that removes them from the processor's caches,
/// as reading gigabytes of weights does.
class Model {
 public:
    Model(const CacheShape& shape, size_t layers, size_t context)
        : shape_(shape), context_(context), mask_(context * sizeof(uint16_t)), elsewhere_(size_t{96} << 20) {
        const size_t rows = shape.heads * shape.head_dim * shape.element_bytes;
        for (size_t layer = 0; layer < layers; ++layer) {
            keys_.emplace_back(rows * context);
            values_.emplace_back(rows * context);
            fresh_keys_.emplace_back(rows, std::byte{1});
            fresh_values_.emplace_back(rows, std::byte{2});
        }
    }

    void execute() {
        for (size_t i = 0; i < elsewhere_.size(); i += 64) {
            elsewhere_[i] = static_cast<std::byte>(i);
        }
    }

    /// Does the host's work of one decode step at `position`, except sampling.
    void decode(size_t position) {
        const size_t slots = context_ - 1;
        fill_mask(MaskType::kUint16, mask_.data(), 1, context_, position, 0);
        for (size_t layer = 0; layer < keys_.size(); ++layer) {
            append_keys(shape_, keys_[layer].data(), slots, fresh_keys_[layer].data(), 1, position, 1);
            append_values(shape_, values_[layer].data(), slots, fresh_values_[layer].data(), 1, position, 1);
        }
    }

    /// Changes from one method's layout to the other's.
    void repack(size_t from, size_t to, size_t used) {
        for (size_t layer = 0; layer < keys_.size(); ++layer) {
            repack_keys(shape_, keys_[layer].data(), from, to, used);
            repack_values(shape_, values_[layer].data(), from, to, used);
        }
    }

 private:
    CacheShape shape_;
    size_t context_;
    std::vector<std::byte> mask_;
    std::vector<std::byte> elsewhere_;
    std::vector<std::vector<std::byte>> keys_;
    std::vector<std::vector<std::byte>> values_;
    std::vector<std::vector<std::byte>> fresh_keys_;
    std::vector<std::vector<std::byte>> fresh_values_;
};

/// (shape, layers, context, steps) → µs of each of `steps` decode steps, caches cold.
Napi::Value time_decode(const Napi::CallbackInfo& info) {
    const size_t context = number(info, 2);
    const size_t steps = number(info, 3);
    Model model(shape_of(info[0]), number(info, 1), context);
    auto times = Napi::Float64Array::New(info.Env(), steps);
    for (size_t step = 0; step < steps; ++step) {
        model.execute();
        const auto start = std::chrono::steady_clock::now();
        model.decode((step * 97) % (context - 1));
        times[step] = microseconds(std::chrono::steady_clock::now() - start);
    }
    return times;
}

/// (shape, layers, context, AR length of prefill, used, turns) → µs of each switch from prefill's layout to decode's.
Napi::Value time_repack(const Napi::CallbackInfo& info) {
    const size_t context = number(info, 2);
    const size_t prefill = context - number(info, 3);
    const size_t used = number(info, 4);
    const size_t turns = number(info, 5);
    Model model(shape_of(info[0]), number(info, 1), context);
    auto times = Napi::Float64Array::New(info.Env(), turns);
    for (size_t turn = 0; turn < turns; ++turn) {
        model.execute();
        const auto start = std::chrono::steady_clock::now();
        model.repack(prefill, context - 1, used);
        times[turn] = microseconds(std::chrono::steady_clock::now() - start);
        model.repack(context - 1, prefill, used);
    }
    return times;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
    exports.Set("appendKeys", Napi::Function::New<append<append_keys>>(env));
    exports.Set("appendValues", Napi::Function::New<append<append_values>>(env));
    exports.Set("repackKeys", Napi::Function::New<repack<repack_keys>>(env));
    exports.Set("repackValues", Napi::Function::New<repack<repack_values>>(env));
    exports.Set("fillMask", Napi::Function::New<mask>(env));
    exports.Set("rotation", Napi::Function::New<rotation>(env));
    exports.Set("timeDecode", Napi::Function::New<time_decode>(env));
    exports.Set("timeRepack", Napi::Function::New<time_repack>(env));
    return exports;
}

}  // namespace

NODE_API_MODULE(kv_layout_test, init)
