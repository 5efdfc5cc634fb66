#include "program.h"

#include <executorch/runtime/backend/interface.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <new>
#include <string_view>

#include "../log.h"
#include "../platform/file_loader.h"
#include "../platform/paths.h"
#include "../profile/step_profiler.h"
#include "cores.h"
#include "planned_memory.h"
#include "qnn_output.h"

namespace wyvern {

namespace {

using executorch::extension::Module;
using executorch::runtime::Error;
using executorch::runtime::EValue;

constexpr size_t read_piece = size_t{8} << 20;
/// Longest quotation in a failure's message.
constexpr size_t longest_explanation = 2000;

uint64_t size_of(const std::string& name) {
    std::error_code error;
    const auto path = path_of(name);
    if (!std::filesystem::exists(path, error)) {
        throw Failure(FailureCode::file_not_found, "There is no file " + name + ".");
    }
    const auto size = std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
    if (error || size == 0) {
        throw Failure(FailureCode::file_unreadable, name + " is empty, or not a regular file.");
    }
    return size;
}

/// Reads the files once, so that the later mapping finds them in memory and loading can report progress.
void read_through(const std::vector<std::string>& names, const ProgressListener& progress) {
    uint64_t total = 0;
    for (const std::string& name : names) {
        total += size_of(name);
    }
    progress({LoadStage::read, 0, total});
    std::vector<char> piece(std::min<uint64_t>(read_piece, total));
    uint64_t done = 0;
    for (const std::string& name : names) {
        std::ifstream file(path_of(name), std::ios::binary);
        if (!file) {
            throw Failure(FailureCode::file_unreadable, name + " cannot be opened for reading.");
        }
        while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
            done += static_cast<uint64_t>(file.gcount());
            progress({LoadStage::read, std::min(done, total), total});
        }
    }
    progress({LoadStage::verify, 0, total});
}

/// Returns the rest of the first collected line that contains `marker`, or nothing.
std::optional<std::string> after(const LogCapture& log, std::string_view marker) {
    for (const std::string& line : log.lines()) {
        if (const size_t at = line.find(marker); at != std::string::npos) {
            return line.substr(at + marker.size());
        }
    }
    return std::nullopt;
}

/// Names of the operators that the runtime reports as "Missing operator: [index] name", without repetition.
std::vector<std::string> missing_operators(const LogCapture& log) {
    constexpr std::string_view marker = "Missing operator: [";
    std::vector<std::string> names;
    for (const std::string& line : log.lines()) {
        const size_t at = line.find(marker);
        const size_t name = at == std::string::npos ? at : line.find("] ", at);
        if (name != std::string::npos) {
            names.push_back(line.substr(name + 2));
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

/// The runtime's last log line, as the end of a sentence. For a failure on the NPU, all of QNN's errors: the first one
/// is the cause, and its number decides the next step.
std::string explained(const LogCapture& log, Error error) {
    std::string complaints;
    for (const std::string& line : log.errors()) {
        const bool qnn = line.find("Qnn") != std::string::npos || line.find("<E>") != std::string::npos;
        if (qnn && complaints.size() + line.size() < longest_explanation) {
            complaints += line + " ";
        }
    }
    if (complaints.empty() && !log.lines().empty()) {
        // A refusing operator logs its reason before the runtime logs the arguments.
        const bool refused = log.errors().size() > 1 && log.lines().back().starts_with("arg ");
        complaints = (refused ? log.errors().front() : log.lines().back()) + " ";
    }
    return ": " + complaints + "(" + executorch::runtime::to_string(error) + ").";
}

FailureCode code_of(Error error) {
    switch (error) {
        case Error::MemoryAllocationFailed:
        case Error::OutOfResources:
        case Error::DelegateMemoryAllocationFailed:
            return FailureCode::out_of_memory;
        case Error::AccessFailed:
            return FailureCode::file_unreadable;
        case Error::NotSupported:
        case Error::NotImplemented:
            return FailureCode::program_unsupported;
        case Error::OperatorMissing:
            return FailureCode::operator_missing;
        case Error::InvalidExternalData:
            return FailureCode::data_missing;
        default:
            return FailureCode::program_invalid;
    }
}

std::unique_ptr<executorch::runtime::DataLoader> mapped(const std::string& name) {
    auto loader = map_file(name);
    if (loader == nullptr) {
        throw Failure(FailureCode::file_unreadable, name + " cannot be mapped into memory.");
    }
    return loader;
}

Failure out_of_memory(const std::string& method) {
    return Failure(FailureCode::out_of_memory, "There is not enough memory to load `" + method + "`.");
}

}  // namespace

template <typename Call>
auto Program::ask(const LogCapture& log, FailureCode code, Call&& call) const {
    if (broken_) {
        throw Failure(FailureCode::execution_failed, "The runtime failed before: load the model again.");
    }
    try {
        return call();
    } catch (const RuntimeCheckFailed&) {
        broken_ = true;
        std::string reason = log.lines().empty() ? "no reason given" : log.lines().back();
        reason.erase(reason.find_last_not_of(". ") + 1);
        throw Failure(code, "A check of the runtime failed: " + reason + ".");
    }
}

Program::Program(const LoadOptions& options, const ProgressListener& progress) {
    std::vector<std::string> files{options.program_path};
    files.insert(files.end(), options.data_paths.begin(), options.data_paths.end());
    uint64_t total = 0;
    read_through(files, [&](const LoadProgress& step) {
        total = step.bytes_total;
        progress(step);
    });

    recycles_slots_ = options.recycles_slots;
    kept_state_ = options.kept_state;

    auto profiler = std::make_unique<StepProfiler>();
    profiler_ = profiler.get();
    if (options.data_paths.size() > 1) {
        module_ = std::make_unique<Module>(options.program_path, options.data_paths, Module::LoadMode::Mmap,
                                           std::move(profiler));
    } else {
        // With paths, the module would read the weights into memory in every load mode. With mapped files, a table
        // outside of delegates costs only its used rows, and the weights are unmapped after a backend packed them.
        auto weights = options.data_paths.empty() ? nullptr : mapped(options.data_paths.front());
        module_ = std::make_unique<Module>(mapped(options.program_path), nullptr, nullptr, std::move(profiler),
                                           std::move(weights));
    }
    const LogCapture log;
    const Error error = ask(log, FailureCode::program_invalid, [&] {
        return module_->load(executorch::runtime::Program::Verification::InternalConsistency);
    });
    if (error != Error::Ok) {
        throw Failure(code_of(error), "ExecuTorch does not accept the program" + explained(log, error));
    }
    progress({LoadStage::verify, total, total});
}

Program::~Program() {
    if (broken_) {
        qnn_.keep();
        static_cast<void>(module_.release());
        for (auto& [method, memory] : planned_) {
            static_cast<void>(memory.release());
        }
        return;
    }
    const QnnOutput output(uses_qnn_, QnnOutput::Call::other);
    module_.reset();
}

bool Program::has(const std::string& method) const {
    const auto names = module_->method_names();
    return names.ok() && names->contains(method);
}

std::vector<std::string> Program::methods() const {
    const auto names = module_->method_names();
    std::vector<std::string> sorted;
    if (names.ok()) {
        sorted.assign(names->begin(), names->end());
        std::sort(sorted.begin(), sorted.end());
    }
    return sorted;
}

executorch::runtime::MethodMeta Program::meta(const std::string& method) {
    const LogCapture log;
    auto meta = ask(log, FailureCode::program_invalid, [&] { return module_->method_meta(method); });
    if (!meta.ok()) {
        throw Failure(FailureCode::program_invalid,
                      "Method `" + method + "` cannot be described" + explained(log, meta.error()));
    }
    return *meta;
}

void Program::load(const std::string& method) {
    const auto names = backends(method);
    std::vector<std::string> missing;
    for (const std::string& name : names) {
        if (executorch::runtime::get_backend_class(name.c_str()) == nullptr) {
            missing.push_back(name);
        }
    }
    if (!names.empty()) {
        profiler_->expect_delegates();
    }
    uses_qnn_ = uses_qnn_ || std::find(names.begin(), names.end(), "QnnBackend") != names.end();
    if (!missing.empty()) {
        throw Failure(FailureCode::backend_missing,
                      "The program was compiled for " + joined(missing) + ", which this build does not have.");
    }
    // A damaged or hostile file may plan any amount, and the runtime would touch every byte.
    if (const uint64_t memory = physical_memory(); memory != 0 && planned_bytes(method) > memory) {
        throw out_of_memory(method);
    }

    const LogCapture log;
    Error error = Error::Ok;
    try {
        const QnnOutput output(uses_qnn_, QnnOutput::Call::other);
        if (uses_qnn_) {
            qnn_.take();
        }
        auto* memory = plan_memory(method);
        error = ask(log, FailureCode::program_invalid, [&] { return module_->load_method(method, memory); });
    } catch (const std::bad_alloc&) {
        throw out_of_memory(method);
    } catch (const std::length_error&) {
        throw out_of_memory(method);
    }
    if (error == Error::Ok) {
        return;
    }
    // ExecuTorch's backend frees nothing that it made before its `init` failed, and gives out no handle to it.
    qnn_.keep();
    if (const auto operators = missing_operators(log); !operators.empty()) {
        throw Failure(FailureCode::operator_missing,
                      "The program needs operators that this build does not have: " + joined(operators) + ".");
    }
    if (after(log, "no external .ptd file was provided") || after(log, "not found in named data maps") ||
        after(log, "external_data_map is null")) {
        throw Failure(FailureCode::data_missing,
                      "The program keeps its weights in a `.ptd` file that is missing, or that belongs to another "
                      "program" +
                          explained(log, error));
    }
    throw Failure(code_of(error), "Method `" + method + "` cannot be prepared" + explained(log, error));
}

executorch::runtime::HierarchicalAllocator* Program::plan_memory(const std::string& method) {
    const auto meta = this->meta(method);
    std::vector<size_t> sizes;
    for (size_t i = 0; i < meta.num_memory_planned_buffers(); ++i) {
        sizes.push_back(static_cast<size_t>(meta.memory_planned_buffer_size(i).get()));
    }
    return planned_.insert_or_assign(method, std::make_unique<PlannedMemory>(sizes)).first->second->allocator();
}

void Program::remember(const std::string& method) {
    try {
        planned_.at(method)->remember();
    } catch (const std::bad_alloc&) {
        throw out_of_memory(method);
    }
}

void Program::restore(const std::string& method) {
    try {
        planned_.at(method)->restore();
    } catch (const std::bad_alloc&) {
        broken_ = true;
        throw out_of_memory(method);
    }
}

std::vector<std::string> Program::backends(const std::string& method) {
    const auto meta = this->meta(method);
    std::vector<std::string> names;
    for (size_t i = 0; i < meta.num_backends(); ++i) {
        if (const auto name = meta.get_backend_name(i); name.ok()) {
            names.emplace_back(*name);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

size_t Program::planned_bytes(const std::string& method) {
    const auto meta = this->meta(method);
    size_t bytes = 0;
    for (size_t i = 0; i < meta.num_memory_planned_buffers(); ++i) {
        const auto size = meta.memory_planned_buffer_size(i);
        if (!size.ok() || *size < 0) {
            throw Failure(FailureCode::program_invalid, "Method `" + method + "` plans a negative amount of memory.");
        }
        bytes += static_cast<size_t>(*size);
    }
    return bytes;
}

std::optional<int64_t> Program::number(const std::string& method) {
    const auto values = numbers(method);
    return values && values->size() == 1 ? std::optional(values->front()) : std::nullopt;
}

std::optional<std::vector<int64_t>> Program::numbers(const std::string& method) {
    std::vector<int64_t> values;
    for (const EValue& value : constants(method)) {
        if (value.isInt()) {
            values.push_back(value.toInt());
        } else if (value.isBool()) {
            values.push_back(value.toBool() ? 1 : 0);
        } else {
            return std::nullopt;
        }
    }
    return values.empty() ? std::nullopt : std::optional(std::move(values));
}

std::optional<double> Program::real(const std::string& method) {
    const auto values = constants(method);
    if (values.size() != 1 || !(values[0].isDouble() || values[0].isInt())) {
        return std::nullopt;
    }
    return values[0].isDouble() ? values[0].toDouble() : static_cast<double>(values[0].toInt());
}

/// Returns the values of a method without inputs and instructions, or nothing if there is no such method. Take only
/// numbers: tensors would dangle after the method is unloaded.
std::vector<EValue> Program::constants(const std::string& method) {
    if (!has(method) || meta(method).num_inputs() != 0 || meta(method).num_instructions() != 0) {
        return {};
    }
    const LogCapture log;
    auto outputs = ask(log, FailureCode::program_invalid, [&] { return module_->execute(method); });
    if (!outputs.ok()) {
        return {};
    }
    module_->unload_method(method);
    return std::move(*outputs);
}

bool Program::accepts(const std::string& method, size_t index, const EValue& input) {
    const LogCapture log;
    return ask(log, FailureCode::program_invalid, [&] { return module_->set_input(method, input, index); }) ==
           Error::Ok;
}

void Program::set_output(const std::string& method, size_t index, const EValue& output) {
    const LogCapture log;
    const Error error =
        ask(log, FailureCode::program_invalid, [&] { return module_->set_output(method, output, index); });
    if (error != Error::Ok) {
        throw Failure(code_of(error), "Output " + std::to_string(index) + " of `" + method + "` takes no memory" +
                                          explained(log, error));
    }
}

std::vector<EValue> Program::execute(const std::string& method, const std::vector<EValue>& inputs,
                                     StepTimings& timings) {
    const LogCapture log;
    QnnOutput output(uses_qnn_, QnnOutput::Call::execute);
    profiler_->begin();
    auto outputs = ask(log, FailureCode::execution_failed, [&] { return module_->execute(method, inputs); });
    timings = profiler_->end();
    output.end();
    if (!outputs.ok()) {
        const auto code = code_of(outputs.error()) == FailureCode::out_of_memory ? FailureCode::out_of_memory
                                                                                 : FailureCode::execution_failed;
        throw Failure(code, "Running `" + method + "` failed" + explained(log, outputs.error()));
    }
    return std::move(*outputs);
}

}  // namespace wyvern
