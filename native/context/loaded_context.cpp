#include "loaded_context.h"

#include "../failure.h"
#include "../log.h"
#include "../model/qnn_output.h"
#include "../platform/mapped_file.h"

namespace wyvern {

namespace {

/// `Qnn_TensorType_t`.
constexpr uint32_t app_write = 0;
constexpr uint32_t app_read = 1;
constexpr uint32_t undefined = 0x7fffffff;

}  // namespace

LoadedContext::LoadedContext(const HtpDevice& device, const std::string& path, const std::vector<std::string>& graphs)
    : device_(device), path_(path) {
    // QNN copies what it needs, so the mapping ends here.
    const MappedFile file(path);
    std::vector<const char*> names;
    for (const std::string& name : graphs) {
        names.push_back(name.c_str());
    }
    names.push_back(nullptr);
    const qnn::ContextConfig enabled{qnn::kEnableGraphs, names.data()};
    const qnn::ContextConfig* configs[] = {&enabled, nullptr};
    device.require("QnnContext_createFromBinary of " + path, qnn::kContextCreateFromBinary, device.backend(),
                   device.device(), graphs.empty() ? nullptr : configs, static_cast<const void*>(file.bytes().data()),
                   static_cast<uint64_t>(file.bytes().size()), &handle_, static_cast<void*>(nullptr));
}

LoadedContext::~LoadedContext() {
    if (handle_ != nullptr) {
        const QnnOutput output(true, QnnOutput::Call::other);
        device_.call(qnn::kContextFree, handle_, static_cast<void*>(nullptr));
    }
}

void* LoadedContext::graph(const std::string& name) const {
    void* graph = nullptr;
    device_.require("QnnGraph_retrieve of `" + name + "` in " + path_, qnn::kGraphRetrieve, handle_, name.c_str(),
                    &graph);
    return graph;
}

BoundGraph::BoundGraph(const LoadedContext& context, const GraphFacts& facts)
    : device_(context.device()), facts_(facts), handle_(context.graph(facts.name)) {
    dimensions_.resize(facts.inputs.size() + facts.outputs.size());
    size_t next = 0;
    for (const TensorInfo& info : facts.inputs) {
        inputs_.push_back(tensor_of(info, app_write, dimensions_[next++]));
    }
    for (const TensorInfo& info : facts.outputs) {
        outputs_.push_back(tensor_of(info, app_read, dimensions_[next++]));
    }
}

qnn::Tensor BoundGraph::tensor_of(const TensorInfo& info, uint32_t type, std::vector<uint32_t>& dimensions) {
    dimensions.assign(info.sizes.begin(), info.sizes.end());
    qnn::Tensor tensor{};
    tensor.version = 1;
    tensor.id = info.id;
    tensor.name = info.name.c_str();
    tensor.type = type;
    tensor.data_format = qnn::kFlatBuffer;
    tensor.data_type = info.data_type;
    const bool quantised = info.encoding.type == ElementType::uint8 || info.encoding.type == ElementType::uint16;
    tensor.quantize.definition = quantised ? 1 : undefined;
    tensor.quantize.encoding = quantised ? 0 : undefined;
    tensor.quantize.scale = quantised ? info.encoding.scale : 0;
    tensor.quantize.offset = quantised ? info.encoding.offset : 0;
    tensor.rank = static_cast<uint32_t>(dimensions.size());
    tensor.dimensions = dimensions.data();
    tensor.data_size = static_cast<uint32_t>(info.bytes());
    return tensor;
}

void BoundGraph::bind_input(size_t index, std::byte* data) { inputs_[index].data = data; }

void BoundGraph::bind_output(size_t index, std::byte* data) { outputs_[index].data = data; }

void BoundGraph::execute() {
    const LogCapture log;
    const uint64_t error =
        device_.call(qnn::kGraphExecute, handle_, static_cast<const qnn::Tensor*>(inputs_.data()),
                     static_cast<uint32_t>(inputs_.size()), outputs_.data(), static_cast<uint32_t>(outputs_.size()),
                     device_.profile(), static_cast<void*>(nullptr));
    if (error != qnn::kSuccess) {
        HtpDevice::fail("QnnGraph_execute of `" + facts_.name + "`", error, log);
    }
}

}  // namespace wyvern
