/// \file
/// The part of Qualcomm's public C interface that the addon calls directly. Layouts follow `QnnInterface.h`,
/// `QnnTypes.h`, `QnnContext.h`, `QnnProfile.h`, `HTP/QnnHtpDevice.h`, `HTP/QnnHtpPerfInfrastructure.h` and
/// `System/QnnSystemContext.h` of the QAIRT SDK, core API 2; the SDK's
/// headers have their own licence and are not part of this repository. Seen at run time: everything here with
/// QAIRT 2.49.40 (onnxruntime-qnn 2.5.0); the size of `Tensor` and `GraphInfo` also with 2.47.0, 2.48.40, 2.50.40
/// and 2.51.0.
#pragma once

#include <cstddef>
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

/// `QnnSystemInterface_t`: the interface of the system library, which describes context binaries. API 1.
struct SystemInterface {
    uint32_t system_id;
    const char* provider_name;
    Version api;
    void* functions[1];
};

/// Indexes in the function table.
enum FunctionIndex : unsigned {
    kBackendCreate = 1,
    kBackendGetBuildId = 4,
    kBackendFree = 8,
    kContextCreateFromBinary = 13,
    kContextFree = 14,
    kGraphRetrieve = 20,
    kGraphExecute = 21,
    kLogCreate = 25,
    kLogFree = 27,
    kProfileCreate = 28,
    kProfileGetEvents = 30,
    kProfileGetSubEvents = 31,
    kProfileGetEventData = 32,
    kProfileFree = 34,
    kDeviceGetInfrastructure = 39,
    kDeviceCreate = 40,
    kDeviceFree = 43,
    /// Least number of pointers in the table of core API 2.15 and later.
    kFunctionCount = 50,
};

/// `QnnInterface_getProviders`, the one function that a backend library exports.
using GetProviders = uint64_t (*)(const Interface*** providers, uint32_t* count);
using BackendGetBuildId = uint64_t (*)(const char** id);

/// `QnnSystemInterface_getProviders`.
using GetSystemProviders = uint64_t (*)(const SystemInterface*** providers, uint32_t* count);

/// Indexes in the system library's function table.
enum SystemFunctionIndex : unsigned {
    kSystemContextCreate = 0,
    kSystemContextGetBinaryInfo = 1,
    kSystemContextFree = 3,
};

constexpr uint64_t kSuccess = 0;
constexpr uint32_t kCoreApiMajor = 2;
constexpr uint32_t kSystemApiMajor = 1;

/// `Qnn_DataType_t`, the types of inputs and outputs.
enum DataType : uint32_t {
    kInt32 = 0x0032,
    kFloat16 = 0x0216,
    kFloat32 = 0x0232,
    kUFixed8 = 0x0408,
    kUFixed16 = 0x0416,
};

/// `Qnn_TensorDataFormat_t` of rows in order. Others, such as the tiled layout of matrix weights, have no public
/// layout.
constexpr uint32_t kFlatBuffer = 0;

/// `Qnn_QuantizeParams_t` with `Qnn_ScaleOffset_t`: real = scale * (quantised + offset). Other encodings take more
/// bytes.
struct QuantizeParams {
    /// 1: the encoding is defined.
    uint32_t definition;
    /// 0: one scale and offset for the tensor.
    uint32_t encoding;
    float scale;
    int32_t offset;
    uint64_t others[3];
};

/// `Qnn_Tensor_t` with the fields that its versions 1 and 2 share.
struct Tensor {
    uint32_t version;
    uint32_t padding;
    /// `graphExecute` finds tensors by this id of the binary; with another it returns 6004.
    uint32_t id;
    const char* name;
    uint32_t type;
    uint32_t data_format;
    uint32_t data_type;
    QuantizeParams quantize;
    uint32_t rank;
    uint32_t* dimensions;
    /// 0: `data` is memory of the caller.
    uint32_t memory_type;
    void* data;
    uint32_t data_size;
    uint64_t version_2[3];
};

static_assert(sizeof(Tensor) == 144 && offsetof(Tensor, quantize) == 40 && offsetof(Tensor, data) == 104);

/// `QnnSystemContext_GraphInfo_t`: the fields that its versions 1 to 3 share.
struct GraphInfo {
    uint32_t version;
    const char* name;
    uint32_t input_count;
    const Tensor* inputs;
    uint32_t output_count;
    const Tensor* outputs;
    uint64_t later_versions[5];
};
static_assert(sizeof(GraphInfo) == 88);

/// `QnnSystemContext_BinaryInfo_t`, version 3, the one that these releases return.
struct BinaryInfo {
    uint32_t version;
    uint32_t padding;
    uint32_t backend_id;
    /// Release that compiled the binary, e.g. `v2.49.40.260810104044`.
    const char* build_id;
    Version core_api;
    Version backend_api;
    const char* soc_version;
    Version context_version;
    uint64_t context_size;
    uint32_t tensor_count;
    const Tensor* tensors;
    uint32_t graph_count;
    const GraphInfo* graphs;
};
static_assert(offsetof(BinaryInfo, soc_version) == 48 && offsetof(BinaryInfo, graphs) == 104);

/// `QnnContext_Config_t` with `QNN_CONTEXT_CONFIG_ENABLE_GRAPHS`: a list of names that ends with null.
struct ContextConfig {
    uint32_t option;
    const char* const* enabled_graphs;
};
constexpr uint32_t kEnableGraphs = 5;

/// `QnnHtpPerfInfrastructure_DcvsV3_t`: a vote for clocks. Each `set_…` is 1 if the values after it count.
struct DcvsV3 {
    uint32_t client;
    uint32_t set_enable;
    /// 1: the driver may change the clocks by load.
    uint32_t enable;
    uint32_t power_mode;
    uint32_t set_sleep_latency;
    uint32_t sleep_latency;
    uint32_t set_sleep_disable;
    uint32_t sleep_disable;
    uint32_t set_bus;
    /// Lowest, target and highest voltage corner.
    uint32_t bus_corners[3];
    uint32_t set_core;
    uint32_t core_corners[3];
};
static_assert(sizeof(DcvsV3) == 64);

/// `QnnHtpPerfInfrastructure_PowerConfig_t`.
struct PowerConfig {
    uint32_t option;
    union {
        DcvsV3 dcvs;
        /// For the options of RPC.
        uint32_t microseconds;
    };
};
/// `QnnHtpPerfInfrastructure_PowerConfigOption_t`.
constexpr uint32_t kDcvsV3 = 1;
constexpr uint32_t kRpcControlLatency = 2;
constexpr uint32_t kRpcPollingTime = 3;

/// `QnnHtpDevice_Infrastructure_t`.
struct PerfInfrastructure {
    uint32_t type;
    uint64_t (*create)(uint32_t device, uint32_t core, uint32_t* client);
    uint64_t (*destroy)(uint32_t client);
    /// A list that ends with null.
    uint64_t (*set)(uint32_t client, const PowerConfig* const* configs);
    void* set_memory;
};
constexpr uint32_t kPerfInfrastructure = 0;

/// `QnnProfile_EventData_t`.
struct ProfileEvent {
    uint32_t type;
    uint32_t unit;
    uint64_t value;
    const char* identifier;
};

/// `QnnProfile_EventUnit_t`.
enum ProfileUnit : uint32_t {
    kMicroseconds = 1,
    kBytes = 2,
    kCycles = 3,
    kCount = 4,
};

}  // namespace wyvern::qnn
