#include "qnn_runtime.h"

#include <executorch/runtime/backend/interface.h>
#include <executorch/runtime/backend/options.h>

#include <filesystem>
#include <mutex>

#include "../failure.h"
#include "../platform/shared_library.h"

namespace wyvern {

namespace {

constexpr const char* backend = "QnnBackend";

std::mutex mutex;
std::string folder_in_use;

void load_libraries(const std::string& folder) {
    // The system library first: the backend of a release expects that one.
    for (const char* stem : {"QnnSystem", "QnnHtp"}) {
        const std::string name = shared_library_name(stem);
        const std::filesystem::path path =
            std::filesystem::path(std::u8string(folder.begin(), folder.end())) / name;
        std::error_code error;
        if (!std::filesystem::is_regular_file(path, error)) {
            throw Failure(FailureCode::library_missing, "There is no " + name + " in " + folder + ".");
        }
        const std::u8string utf8 = path.u8string();
        if (const std::string reason = keep_shared_library({utf8.begin(), utf8.end()}); !reason.empty()) {
            throw Failure(FailureCode::library_missing, name + " in " + folder + " cannot be loaded: " + reason + ".");
        }
    }
}

}  // namespace

void use_qnn(const QnnOptions& options) {
    const std::lock_guard lock(mutex);
    if (executorch::runtime::get_backend_class(backend) == nullptr) {
        throw Failure(FailureCode::backend_missing, "This build has no QNN backend.");
    }
    if (folder_in_use.empty()) {
        load_libraries(options.folder);
        folder_in_use = options.folder;
    } else if (folder_in_use != options.folder) {
        throw Failure(FailureCode::invalid_argument,
                      "QNN's libraries of " + folder_in_use + " are in use; one process takes one folder.");
    }
    // One call an option: an option that the backend does not know makes it drop the whole call.
    executorch::runtime::BackendOptions<1> profile;
    executorch::runtime::BackendOptions<1> performance;
    executorch::runtime::BackendOptions<1> log;
    const auto set = [](auto& one) {
        if (executorch::runtime::set_option(backend, one.view()) != executorch::runtime::Error::Ok) {
            throw Failure(FailureCode::execution_failed, "The QNN backend does not take its options.");
        }
    };
    if (profile.set_option("qnn_runtime_profile_level", static_cast<int>(options.profile)) ==
        executorch::runtime::Error::Ok) {
        set(profile);
    }
    // QNN prints its lines to standard error by itself; what matters of them comes back as an error too.
    if (log.set_option("qnn_runtime_log_level", 1) == executorch::runtime::Error::Ok) {
        set(log);
    }
    if (options.performance && performance.set_option("qnn_runtime_htp_performance_mode",
                                                      static_cast<int>(*options.performance)) ==
                                   executorch::runtime::Error::Ok) {
        set(performance);
    }
}

}  // namespace wyvern
