#include "runtime.h"

#include <executorch/runtime/backend/interface.h>
#include <executorch/runtime/kernel/operator_registry.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string_view>

#include "../failure.h"
#include "../kernels/operators.h"
#include "cores.h"

// The SDK exports its thread pool but has no header for it.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
    size_t get_thread_count() const;
    bool _unsafe_reset_threadpool(uint32_t threads);
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace wyvern {

namespace {

using executorch::extension::threadpool::get_threadpool;

std::mutex pool_mutex;
size_t pool_users = 0;

}  // namespace

const char* executorch_version() { return WYVERN_EXECUTORCH_VERSION; }

std::vector<std::string> registered_backends() {
    std::vector<std::string> names;
    for (size_t i = 0; i < executorch::runtime::get_num_registered_backends(); ++i) {
        if (const auto name = executorch::runtime::get_backend_name(i); name.ok()) {
            names.emplace_back(*name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> own_operators() {
    std::vector<std::string> names;
    for (const auto& kernel : executorch::runtime::get_registered_kernels()) {
        const std::string_view name = kernel.name_;
        if (name.starts_with("llama::") || name.starts_with("wyvern::")) {
            names.emplace_back(kernel.name_);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::vector<std::string> missing_operators(const std::vector<std::string>& names) {
    std::set<std::string_view> known;
    for (const auto& kernel : executorch::runtime::get_registered_kernels()) {
        known.insert(kernel.name_);
    }
    std::vector<std::string> missing;
    for (const std::string& name : names) {
        if (known.insert(name).second) {
            missing.push_back(name);
        }
    }
    return missing;
}

void check_runtime() {
    // One operator of each self-registering library; the library's other operators come with it.
    std::vector<std::string> operators = {
        "executorch_prim::et_view.default",
        "aten::add.out",
        "quantized_decomposed::embedding_byte.out",
    };
    for (const auto& kernel : kernels::own_kernels()) {
        operators.emplace_back(kernel.name_);
    }
    std::vector<std::string> missing = missing_operators(operators);
    if (executorch::runtime::get_backend_class("XnnpackBackend") == nullptr) {
        missing.emplace_back("XnnpackBackend");
    }
    if (get_threadpool() == nullptr) {
        missing.emplace_back("a thread pool");
    }
    if (missing.empty()) {
        return;
    }
    std::string list;
    for (const std::string& part : missing) {
        list += (list.empty() ? "" : ", ") + part;
    }
    throw Failure(FailureCode::runtime_incomplete, "The build has no " + list + ".");
}

size_t thread_count() {
    const auto* pool = get_threadpool();
    return pool == nullptr ? 1 : pool->get_thread_count();
}

ThreadPoolUse::ThreadPoolUse(std::optional<size_t> threads) {
    const std::lock_guard lock(pool_mutex);
    if (auto* pool = get_threadpool(); pool != nullptr) {
        const size_t current = pool->get_thread_count();
        if (pool_users == 0) {
            const size_t wanted = threads.value_or(performance_cores());
            if (wanted != current) {
                pool->_unsafe_reset_threadpool(static_cast<uint32_t>(wanted));
            }
        } else if (threads && *threads != current) {
            throw Failure(FailureCode::invalid_argument, "A loaded model uses the thread pool of " +
                                                             std::to_string(current) +
                                                             " threads. Close the model before you change the size.");
        }
    }
    ++pool_users;
}

ThreadPoolUse::~ThreadPoolUse() {
    const std::lock_guard lock(pool_mutex);
    --pool_users;
}

}  // namespace wyvern
