#include "guards.h"

#include <algorithm>
#include <cmath>

namespace wyvern {

namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view expected) {
    throw Failure(FailureCode::invalid_argument, std::string(name) + " must be " + std::string(expected) + ".");
}

template <typename T>
std::vector<T> expect_typed_array(const Napi::Value& value, std::string_view name, napi_typedarray_type type,
                                  std::string_view expected) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
        refuse(name, expected);
    }
    const auto array = value.As<Napi::TypedArrayOf<T>>();
    return {array.Data(), array.Data() + array.ElementLength()};
}

}  // namespace

Napi::Error to_js_error(Napi::Env env, const Failure& failure) {
    Napi::Error error = Napi::Error::New(env, failure.what());
    error.Value()["code"] = Napi::String::New(env, to_string(failure.code));
    return error;
}

std::string expect_string(const Napi::Value& value, std::string_view name) {
    if (!value.IsString()) {
        refuse(name, "a string");
    }
    return value.As<Napi::String>().Utf8Value();
}

bool expect_boolean(const Napi::Value& value, std::string_view name) {
    if (!value.IsBoolean()) {
        refuse(name, "true or false");
    }
    return value.As<Napi::Boolean>().Value();
}

Napi::Function expect_function(const Napi::Value& value, std::string_view name) {
    if (!value.IsFunction()) {
        refuse(name, "a function");
    }
    return value.As<Napi::Function>();
}

double expect_number(const Napi::Value& value, std::string_view name) {
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
    if (std::isnan(number)) {
        refuse(name, "a number");
    }
    return number;
}

int64_t expect_integer(const Napi::Value& value, std::string_view name, int64_t lowest, int64_t highest) {
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
    if (!(number >= static_cast<double>(lowest) && number <= static_cast<double>(highest)) ||
        number != std::trunc(number)) {
        refuse(name, "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
    }
    return static_cast<int64_t>(number);
}

std::vector<std::string> expect_strings(const Napi::Value& value, std::string_view name) {
    if (!value.IsArray()) {
        refuse(name, "an array of strings");
    }
    const auto array = value.As<Napi::Array>();
    std::vector<std::string> strings;
    for (uint32_t i = 0; i < array.Length(); ++i) {
        const Napi::Value item = array[i];
        if (!item.IsString()) {
            refuse(name, "an array of strings");
        }
        strings.push_back(item.As<Napi::String>().Utf8Value());
    }
    return strings;
}

std::vector<int32_t> expect_int32_array(const Napi::Value& value, std::string_view name) {
    return expect_typed_array<int32_t>(value, name, napi_int32_array, "an Int32Array");
}

std::vector<float> expect_float32_array(const Napi::Value& value, std::string_view name) {
    return expect_typed_array<float>(value, name, napi_float32_array, "a Float32Array");
}

OptionsReader::OptionsReader(const Napi::Value& value, std::initializer_list<std::string_view> known) {
    if (value.IsUndefined()) {
        return;
    }
    if (!value.IsObject() || value.IsArray() || value.IsFunction()) {
        refuse("The options", "an object");
    }
    object_ = value.As<Napi::Object>();
    const Napi::Array names = object_->GetPropertyNames();
    for (uint32_t i = 0; i < names.Length(); ++i) {
        const std::string name = Napi::Value(names[i]).ToString();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw Failure(FailureCode::invalid_argument, "There is no option `" + name + "`.");
        }
    }
}

std::optional<Napi::Value> OptionsReader::get(const char* name) const {
    if (!object_) {
        return std::nullopt;
    }
    const Napi::Value value = object_->Get(name);
    return value.IsUndefined() ? std::nullopt : std::optional(value);
}

}  // namespace wyvern
