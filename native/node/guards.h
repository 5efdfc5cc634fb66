#pragma once

#include <napi.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../failure.h"

namespace wyvern {

/// Converts a failure to a `NativeError`.
Napi::Error to_js_error(Napi::Env env, const Failure& failure);

/// Runs `body`, and throws its `Failure` or standard exception as a `NativeError` in JavaScript.
template <typename Body>
auto throwing(Napi::Env env, Body body) -> decltype(body()) {
    try {
        return body();
    } catch (const Failure& failure) {
        throw to_js_error(env, failure);
    } catch (const std::bad_alloc&) {
        throw to_js_error(env, Failure(FailureCode::out_of_memory, "There is not enough memory."));
    } catch (const Napi::Error&) {
        throw;
    } catch (const std::exception& error) {
        throw to_js_error(env, Failure(FailureCode::execution_failed, error.what()));
    }
}

/// Like `throwing`, for methods that return a promise: it rejects the promise.
template <typename Body>
Napi::Value rejecting(Napi::Env env, Body body) {
    try {
        return throwing(env, body);
    } catch (const Napi::Error& error) {
        const auto deferred = Napi::Promise::Deferred::New(env);
        deferred.Reject(error.Value());
        return deferred.Promise();
    }
}

// Guards: each returns the argument, or throws `invalid-argument` with a sentence that names it.

std::string expect_string(const Napi::Value& value, std::string_view name);
bool expect_boolean(const Napi::Value& value, std::string_view name);
Napi::Function expect_function(const Napi::Value& value, std::string_view name);
/// Any number but NaN.
double expect_number(const Napi::Value& value, std::string_view name);
/// A whole number in `lowest` … `highest`.
int64_t expect_integer(const Napi::Value& value, std::string_view name, int64_t lowest, int64_t highest);
std::vector<std::string> expect_strings(const Napi::Value& value, std::string_view name);
/// Returns a copy, because JavaScript may change or detach the array while work is in flight.
std::vector<int32_t> expect_int32_array(const Napi::Value& value, std::string_view name);
std::vector<float> expect_float32_array(const Napi::Value& value, std::string_view name);

/// Fields of an options object. It refuses unknown fields, so that no misspelt option is ignored.
class OptionsReader {
 public:
    /// An undefined `value` counts as an empty object.
    OptionsReader(const Napi::Value& value, std::initializer_list<std::string_view> known);

    /// Returns the field, or nothing if it is absent or undefined.
    std::optional<Napi::Value> get(const char* name) const;

 private:
    std::optional<Napi::Object> object_;
};

}  // namespace wyvern
