#pragma once

#include <stdexcept>
#include <string>

namespace wyvern {

/// Why a call failed. The names are those of `NativeErrorCode` in index.d.ts, in its order.
enum class FailureCode {
    invalid_argument,
    closed,
    busy,
    file_not_found,
    file_unreadable,
    program_invalid,
    program_unsupported,
    operator_missing,
    backend_missing,
    library_missing,
    library_mismatch,
    data_missing,
    out_of_memory,
    context_full,
    nothing_to_continue,
    execution_failed,
    tokenizer_invalid,
    runtime_incomplete,
};

/// The code's name in JavaScript, e.g. `context-full`.
constexpr const char* to_string(FailureCode code) {
    switch (code) {
        case FailureCode::invalid_argument:
            return "invalid-argument";
        case FailureCode::closed:
            return "closed";
        case FailureCode::busy:
            return "busy";
        case FailureCode::file_not_found:
            return "file-not-found";
        case FailureCode::file_unreadable:
            return "file-unreadable";
        case FailureCode::program_invalid:
            return "program-invalid";
        case FailureCode::program_unsupported:
            return "program-unsupported";
        case FailureCode::operator_missing:
            return "operator-missing";
        case FailureCode::backend_missing:
            return "backend-missing";
        case FailureCode::library_missing:
            return "library-missing";
        case FailureCode::library_mismatch:
            return "library-mismatch";
        case FailureCode::data_missing:
            return "data-missing";
        case FailureCode::out_of_memory:
            return "out-of-memory";
        case FailureCode::context_full:
            return "context-full";
        case FailureCode::nothing_to_continue:
            return "nothing-to-continue";
        case FailureCode::execution_failed:
            return "execution-failed";
        case FailureCode::tokenizer_invalid:
            return "tokenizer-invalid";
        case FailureCode::runtime_incomplete:
            return "runtime-incomplete";
    }
    return "execution-failed";
}

/// An expected failure. C++ throws it; the Node-API layer turns it into a `NativeError`. The message is a sentence on
/// the failed call and the reason.
class Failure : public std::runtime_error {
 public:
    Failure(FailureCode code, const std::string& message) : std::runtime_error(message), code(code) {}

    FailureCode code;
};

}  // namespace wyvern
