#include "binary_info.h"

#include <cstring>
#include <filesystem>
#include <memory>
#include <span>

#include "../failure.h"
#include "../model/qnn_runtime.h"
#include "../platform/mapped_file.h"
#include "../platform/paths.h"

namespace wyvern {

namespace {

constexpr uint32_t most_graphs = 4096;
constexpr uint32_t most_tensors = 1u << 16;
constexpr size_t longest_text = 512;
/// `QnnSystemContext_BinaryInfo_t` of these releases.
constexpr uint32_t known_version = 3;

using Create = uint64_t (*)(void** handle);
using GetInfo = uint64_t (*)(void* handle, void* bytes, uint64_t size, const qnn::BinaryInfo** info,
                             uint64_t* info_size);
using Free = uint64_t (*)(void* handle);

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(text, strnlen(text, longest_text));
}

template <typename Function>
Function system_function(qnn::SystemFunctionIndex index) {
    return reinterpret_cast<Function>(qnn_in_use().system->functions[index]);
}

/// Owns what `systemContextGetBinaryInfo` returns.
class SystemContext {
 public:
    SystemContext() {
        if (system_function<Create>(qnn::kSystemContextCreate)(&handle_) != qnn::kSuccess) {
            throw Failure(FailureCode::execution_failed, "QnnSystemContext_create failed.");
        }
    }
    ~SystemContext() { system_function<Free>(qnn::kSystemContextFree)(handle_); }
    SystemContext(const SystemContext&) = delete;
    SystemContext& operator=(const SystemContext&) = delete;

    const qnn::BinaryInfo& describe(std::span<const std::byte> bytes, const std::string& path) {
        const qnn::BinaryInfo* info = nullptr;
        uint64_t info_size = 0;
        const auto get = system_function<GetInfo>(qnn::kSystemContextGetBinaryInfo);
        auto* data = const_cast<std::byte*>(bytes.data());
        const uint64_t error = get(handle_, data, bytes.size(), &info, &info_size);
        if (error != qnn::kSuccess || info == nullptr) {
            throw Failure(FailureCode::program_invalid,
                          path + " is no context binary that this release of QNN reads, or it is damaged (number " +
                              std::to_string(error & 0xffffffffu) + ").");
        }
        if (info->version != known_version) {
            throw Failure(FailureCode::library_mismatch, "QNN describes context binaries in version " +
                                                             std::to_string(info->version) +
                                                             ", but this build reads version 3.");
        }
        return *info;
    }

 private:
    void* handle_ = nullptr;
};

std::vector<TensorInfo> read_tensors(const qnn::Tensor* tensors, uint32_t count, const std::string& graph) {
    if (tensors == nullptr || count == 0 || count > most_tensors) {
        throw Failure(FailureCode::program_invalid, "Graph `" + graph + "` has no inputs or no outputs.");
    }
    std::vector<TensorInfo> read;
    for (const qnn::Tensor& tensor : std::span(tensors, count)) {
        read.push_back(read_tensor(tensor, graph));
    }
    return read;
}

}  // namespace

BinaryFacts read_binary(const std::string& path) {
    const MappedFile file(path);
    SystemContext context;
    const qnn::BinaryInfo& info = context.describe(file.bytes(), path);
    if (info.graphs == nullptr || info.graph_count == 0 || info.graph_count > most_graphs) {
        throw Failure(FailureCode::program_invalid, path + " contains no graph.");
    }
    BinaryFacts facts{path, file.bytes().size(), text_of(info.build_id), {}};
    for (const qnn::GraphInfo& graph : std::span(info.graphs, info.graph_count)) {
        const std::string name = text_of(graph.name);
        facts.graphs.push_back({name, read_tensors(graph.inputs, graph.input_count, name),
                                read_tensors(graph.outputs, graph.output_count, name)});
    }
    return facts;
}

}  // namespace wyvern
