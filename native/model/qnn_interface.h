/// \file
/// The part of Qualcomm's public C interface that the addon calls directly: a library's identity. Layouts follow
/// `QnnInterface.h` and `QnnBackend.h` of the QAIRT SDK, core API 2; the SDK's headers have their own licence
/// and are not part of this repository.
#pragma once

#include <cstdint>

namespace wyvern::qnn {

struct Version {
    uint32_t major;
    uint32_t minor;
    uint32_t patch;
};

/// `QnnInterface_t`: the interface of a backend library. The function table is a struct of pointers after the versions;
/// later releases append to it.
struct Interface {
    uint32_t backend_id;
    const char* provider_name;
    Version core_api;
    Version backend_api;
    void* functions[1];
};

/// Indexes in the function table.
enum FunctionIndex : unsigned {
    kBackendCreate = 1,
    kBackendGetBuildId = 4,
    kContextCreateFromBinary = 13,
    kGraphRetrieve = 20,
    kGraphExecute = 21,
    kDeviceCreate = 40,
    /// Least number of pointers in the table of core API 2.15 and later.
    kFunctionCount = 50,
};

/// `QnnInterface_getProviders`, the one function that a backend library exports.
using GetProviders = uint64_t (*)(const Interface*** providers, uint32_t* count);
using BackendGetBuildId = uint64_t (*)(const char** id);

constexpr uint64_t kSuccess = 0;
constexpr uint32_t kCoreApiMajor = 2;

}  // namespace wyvern::qnn
