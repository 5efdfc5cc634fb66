#pragma once

#include <memory>
#include <string>
#include <vector>

#include "binary_info.h"
#include "htp_device.h"

namespace wyvern {

/// One context binary on the accelerator.
class LoadedContext {
 public:
    /// Loads the graphs of these names, or all if there are none. Throws `out-of-memory` or `execution-failed` with
    /// QNN's number and lines.
    LoadedContext(const HtpDevice& device, const std::string& path, const std::vector<std::string>& graphs);
    ~LoadedContext();
    LoadedContext(const LoadedContext&) = delete;
    LoadedContext& operator=(const LoadedContext&) = delete;

    /// Throws `execution-failed`.
    void* graph(const std::string& name) const;

    const HtpDevice& device() const { return device_; }

 private:
    const HtpDevice& device_;
    std::string path_;
    void* handle_ = nullptr;
};

/// A graph with the memory of its inputs and outputs.
class BoundGraph {
 public:
    BoundGraph(const LoadedContext& context, const GraphFacts& facts);

    /// Memory of at least the tensor's size; the caller owns it.
    void bind_input(size_t index, std::byte* data);
    void bind_output(size_t index, std::byte* data);

    /// Runs it; every tensor must be bound. Throws `execution-failed`.
    void execute();

 private:
    static qnn::Tensor tensor_of(const TensorInfo& info, uint32_t type, std::vector<uint32_t>& dimensions);

    const HtpDevice& device_;
    const GraphFacts& facts_;
    void* handle_;
    std::vector<std::vector<uint32_t>> dimensions_;
    std::vector<qnn::Tensor> inputs_;
    std::vector<qnn::Tensor> outputs_;
};

}  // namespace wyvern
