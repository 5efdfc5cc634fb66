/// Lets JavaScript call the kernels like the runtime: by name from the registry, with boxed arguments. Test only; see
/// kernel-test-addon.ts for its types.

#include <executorch/runtime/core/exec_aten/exec_aten.h>
#include <executorch/runtime/platform/platform.h>
#include <executorch/runtime/platform/runtime.h>
#include <napi.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "../../kernels/guarded.h"
#include "../../kernels/instruction_set.h"
#include "../../kernels/operators.h"
#include "../../kernels/parallel.h"
#include "naive_attention.h"

// The SDK's threadpool library exports these; its headers leave them out.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
    bool _unsafe_reset_threadpool(std::uint32_t threads);
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace {

using executorch::aten::ScalarType;
using executorch::aten::Tensor;
using executorch::aten::TensorImpl;
using executorch::runtime::EValue;
using executorch::runtime::KernelRuntimeContext;
using executorch::runtime::Span;

/// Boxed arguments over memory that JavaScript owns.
class Stack {
 public:
    explicit Stack(const Napi::Array& values) {
        for (std::uint32_t i = 0; i < values.Length(); ++i) values_.push_back(box(values.Get(i)));
        for (EValue& value : values_) pointers_.push_back(&value);
    }

    Span<EValue*> span() { return {pointers_.data(), pointers_.size()}; }

 private:
    struct Shape {
        std::vector<TensorImpl::SizesType> sizes;
        std::vector<TensorImpl::DimOrderType> order;
        std::vector<TensorImpl::StridesType> strides;
    };

    EValue box(const Napi::Value& value) {
        if (value.IsNull()) return {};
        if (value.IsBoolean()) return EValue(value.As<Napi::Boolean>().Value());
        const auto object = value.As<Napi::Object>();
        if (object.Has("ints")) return integers(object.Get("ints").As<Napi::Array>());
        if (object.Has("int")) return EValue(object.Get("int").ToNumber().Int64Value());
        if (object.Has("float")) return EValue(object.Get("float").ToNumber().DoubleValue());
        return EValue(tensor(object));
    }

    EValue integers(const Napi::Array& numbers) {
        List& list = lists_.emplace_back();
        for (std::uint32_t i = 0; i < numbers.Length(); ++i) {
            list.values.emplace_back(numbers.Get(i).ToNumber().Int64Value());
        }
        for (EValue& value : list.values) list.pointers.push_back(&value);
        list.numbers.resize(list.values.size());
        // An empty list has memory too.
        list.pointers.reserve(1);
        list.numbers.reserve(1);
        list.boxed = {list.pointers.data(), list.numbers.data(), static_cast<int>(list.values.size())};
        return EValue(&list.boxed);
    }

    Tensor tensor(const Napi::Object& object) {
        Shape& shape = shapes_.emplace_back();
        const auto sizes = object.Get("sizes").As<Napi::Array>();
        const auto order = object.Get("order");
        for (std::uint32_t i = 0; i < sizes.Length(); ++i) {
            shape.sizes.push_back(sizes.Get(i).ToNumber().Int32Value());
            shape.order.push_back(static_cast<std::uint8_t>(
                order.IsArray() ? order.As<Napi::Array>().Get(i).ToNumber().Uint32Value() : i));
        }
        shape.strides.resize(shape.sizes.size());
        TensorImpl::StridesType stride = 1;
        for (std::size_t i = shape.sizes.size(); i-- > 0;) {
            shape.strides[shape.order[i]] = stride;
            stride *= shape.sizes[shape.order[i]];
        }
        void* data = nullptr;
        if (const auto view = object.Get("data"); view.IsTypedArray()) {
            const auto array = view.As<Napi::TypedArray>();
            data = static_cast<std::uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
        }
        impls_.emplace_back(static_cast<ScalarType>(object.Get("dtype").ToNumber().Int32Value()),
                            static_cast<ssize_t>(shape.sizes.size()), shape.sizes.data(), data, shape.order.data(),
                            shape.strides.data(), executorch::aten::TensorShapeDynamism::DYNAMIC_BOUND);
        return Tensor(&impls_.back());
    }

    struct List {
        std::deque<EValue> values;
        std::vector<EValue*> pointers;
        std::vector<std::int64_t> numbers;
        executorch::runtime::BoxedEvalueList<std::int64_t> boxed;
    };

    std::deque<List> lists_;
    std::deque<Shape> shapes_;
    std::deque<TensorImpl> impls_;
    std::deque<EValue> values_;
    std::vector<EValue*> pointers_;
};

executorch::runtime::OpFunction find(Napi::Env env, const std::string& name) {
    const auto found = executorch::runtime::get_op_function_from_registry(name.c_str());
    if (!found.ok()) throw Napi::Error::New(env, "not registered: " + name);
    return *found;
}

/// `run(name, arguments)`: the runtime's error code, 0 for success.
Napi::Value run(const Napi::CallbackInfo& info) {
    const auto function = find(info.Env(), info[0].ToString());
    Stack stack(info[1].As<Napi::Array>());
    KernelRuntimeContext context;
    function(context, stack.span());
    return Napi::Number::New(info.Env(), static_cast<double>(context.failure_state()));
}

/// Processor time of this thread, µs, without other programs on the machine.
double now() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// Processor time of the fastest of `rounds` calls, µs.
double fastest(std::uint32_t rounds, const std::function<void()>& call) {
    double best = 1e300;
    for (std::uint32_t i = 0; i < rounds; ++i) {
        const double start = now();
        call();
        best = std::min(best, now() - start);
    }
    return best;
}

/// `time(name, arguments, rounds)`: processor time of the fastest call on this thread, µs.
Napi::Value time(const Napi::CallbackInfo& info) {
    const auto function = find(info.Env(), info[0].ToString());
    Stack stack(info[1].As<Napi::Array>());
    KernelRuntimeContext context;
    const double best = fastest(info[2].ToNumber().Uint32Value(), [&] { function(context, stack.span()); });
    if (context.failure_state() != executorch::runtime::Error::Ok) throw Napi::Error::New(info.Env(), "it fails");
    return Napi::Number::New(info.Env(), best);
}

/// `timeNaive(query, key, value, out, sizes, rounds)`: the same time for causal attention in plain loops; see
/// kernel-test-addon.ts.
Napi::Value time_naive(const Napi::CallbackInfo& info) {
    using wyvern::kernels::Attention;
    const auto size = [sizes = info[4].As<Napi::Object>()](const char* name) {
        return sizes.Get(name).ToNumber().Int64Value();
    };
    Attention attention;
    attention.batch = 1;
    attention.tokens = size("tokens");
    attention.slots = size("slots");
    attention.query_heads = size("queryHeads");
    attention.kv_heads = size("kvHeads");
    attention.dim = size("dim");
    attention.causal = true;
    attention.scale = 0.125f;
    attention.query = {info[0].As<Napi::Float32Array>().Data()};
    attention.key = {info[1].As<Napi::Float32Array>().Data()};
    attention.value = {info[2].As<Napi::Float32Array>().Data()};
    attention.out = info[3].As<Napi::Float32Array>().Data();
    attention.query.token_stride = attention.query_heads;
    attention.key.token_stride = attention.value.token_stride = attention.kv_heads;
    for (auto* operand : {&attention.query, &attention.key, &attention.value}) operand->head_stride = 1;
    const std::uint32_t rounds = info[5].ToNumber().Uint32Value();
    return Napi::Number::New(info.Env(), fastest(rounds, [&] { wyvern::kernels::naive_attend(attention); }));
}

/// `operators()`: names of all kernels of our own.
Napi::Value operators(const Napi::CallbackInfo& info) {
    const auto kernels = wyvern::kernels::own_kernels();
    auto names = Napi::Array::New(info.Env(), kernels.size());
    for (std::uint32_t i = 0; i < kernels.size(); ++i) names[i] = kernels[i].name_;
    return names;
}

/// `instructionSets()`: sets that this processor runs, best first.
Napi::Value instruction_sets(const Napi::CallbackInfo& info) {
    const auto& sets = wyvern::kernels::instruction_sets();
    auto names = Napi::Array::New(info.Env());
    for (int i = 0; i < sets.count; ++i) names[static_cast<std::uint32_t>(i)] = sets.list[i].name;
    return names;
}

/// `useInstructionSet(name)`
void use_instruction_set(const Napi::CallbackInfo& info) {
    if (!wyvern::kernels::use_instruction_set(info[0].ToString().Utf8Value().c_str())) {
        throw Napi::Error::New(info.Env(), "this processor cannot");
    }
}

/// `useThreads(count)`
void use_threads(const Napi::CallbackInfo& info) {
    executorch::extension::threadpool::get_threadpool()->_unsafe_reset_threadpool(info[0].ToNumber().Uint32Value());
    if (wyvern::kernels::thread_count() != info[0].ToNumber().Int64Value()) {
        throw Napi::Error::New(info.Env(), "the pool kept its size");
    }
}

/// The reasons of refused calls would hide the tests' own output.
void drop_line(et_timestamp_t, et_pal_log_level_t, const char*, const char*, std::size_t, const char*, std::size_t) {}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
    executorch::runtime::register_pal(executorch::runtime::PalImpl::create(&drop_line, __FILE__));
    executorch::runtime::runtime_init();
    wyvern::kernels::guard_kernels();
    exports.Set("run", Napi::Function::New<run>(env, "run"));
    exports.Set("time", Napi::Function::New<time>(env, "time"));
    exports.Set("timeNaive", Napi::Function::New<time_naive>(env, "timeNaive"));
    exports.Set("operators", Napi::Function::New<operators>(env, "operators"));
    exports.Set("instructionSets", Napi::Function::New<instruction_sets>(env, "instructionSets"));
    exports.Set("useInstructionSet", Napi::Function::New<use_instruction_set>(env, "useInstructionSet"));
    exports.Set("useThreads", Napi::Function::New<use_threads>(env, "useThreads"));
    return exports;
}

}  // namespace

NODE_API_MODULE(kernel_test, initialise)
