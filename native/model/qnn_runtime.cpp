#include "qnn_runtime.h"

#include <executorch/runtime/backend/interface.h>
#include <executorch/runtime/backend/options.h>

#include <filesystem>
#include <mutex>
#include <string_view>

#include "../failure.h"
#include "../platform/paths.h"
#include "../platform/shared_library.h"
#include "qnn_interface.h"
#include "qnn_output.h"

namespace wyvern {

namespace {

constexpr const char* backend = "QnnBackend";

std::mutex mutex;
std::string folder_in_use;

QnnLibraries in_use;
QnnInUse loaded;

/// Follows links: the loader searches a library's dependencies beside the real file.
std::string path_in(const std::string& folder, const std::string& name) {
    const auto path = path_of(folder) / name;
    std::error_code error;
    const auto followed = std::filesystem::canonical(path, error);
    return utf8_of(error ? path : followed);
}

bool is_file(const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path_of(path), error);
}

/// All files must have one release: a stub of another release than the backend fails deep inside the driver.
void check_releases(const std::string& folder) {
    std::string first_name;
    std::string first_release;
    for (const char* stem : {"QnnHtp", "QnnSystem", "QnnHtpV73Stub", "QnnHtpV81Stub"}) {
        const std::string name = shared_library_name(stem);
        const std::string release = file_release(path_in(folder, name));
        if (release.empty()) {
            continue;
        }
        if (first_release.empty()) {
            first_name = name;
            first_release = release;
        } else if (release != first_release) {
            throw Failure(FailureCode::library_mismatch, "In " + folder + " " + first_name + " is of release " +
                                                             first_release + ", but " + name + " of " + release + ".");
        }
    }
}

std::string text_of(const qnn::Version& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch);
}

QnnLibraries describe_backend(const SharedLibrary& library, const std::string& path) {
    const auto get_providers = reinterpret_cast<qnn::GetProviders>(symbol_of(library, "QnnInterface_getProviders"));
    const qnn::Interface** providers = nullptr;
    uint32_t count = 0;
    if (get_providers == nullptr || get_providers(&providers, &count) != qnn::kSuccess || count == 0) {
        throw Failure(FailureCode::library_mismatch, path + " is not a QNN backend.");
    }
    const qnn::Interface& provider = *providers[0];
    loaded.backend = &provider;
    QnnLibraries found{{}, text_of(provider.core_api)};
    if (provider.core_api.major != qnn::kCoreApiMajor) {
        throw Failure(FailureCode::library_mismatch,
                      path + " has QNN interface " + found.core_api + ", but this build needs version 2.");
    }
    const auto get_build_id = reinterpret_cast<qnn::BackendGetBuildId>(provider.functions[qnn::kBackendGetBuildId]);
    const char* id = nullptr;
    if (get_build_id != nullptr && get_build_id(&id) == qnn::kSuccess && id != nullptr) {
        found.build_id = id;
    }
    return found;
}

/// If the backend is a separate library (a source build on Windows), it has a private copy of the runtime's registry.
/// This loads it by absolute path from the addon's folder and registers it in our registry. Call it after Qualcomm's
/// libraries are loaded, because the backend looks them up by bare name. In other builds the backend is linked and
/// registered.
bool provide_backend() {
    if (executorch::runtime::get_backend_class(backend) != nullptr) {
        return true;
    }
    const std::string path = path_in(own_folder(), shared_library_name("qnn_executorch_backend"));
    if (!is_file(path)) {
        return false;
    }
    const SharedLibrary library = keep_shared_library(path);
    if (library.handle == nullptr) {
        throw Failure(FailureCode::library_missing, path + " cannot be loaded: " + library.reason + ".");
    }
    using Register = void (*)(void*);
    const auto register_in = reinterpret_cast<Register>(symbol_of(library, "QnnExecuTorchBackendRegister"));
    if (register_in == nullptr) {
        throw Failure(FailureCode::library_mismatch, path + " is not ExecuTorch 1.5's QNN backend.");
    }
    register_in(reinterpret_cast<void*>(&executorch::runtime::register_backend));
    return executorch::runtime::get_backend_class(backend) != nullptr;
}

/// The system library's interface, or null: ExecuTorch's backend asks for its own.
const qnn::SystemInterface* system_of(const SharedLibrary& library) {
    const auto get = reinterpret_cast<qnn::GetSystemProviders>(symbol_of(library, "QnnSystemInterface_getProviders"));
    const qnn::SystemInterface** providers = nullptr;
    uint32_t count = 0;
    if (get == nullptr || get(&providers, &count) != qnn::kSuccess || count == 0 ||
        providers[0]->api.major != qnn::kSystemApiMajor) {
        return nullptr;
    }
    return providers[0];
}

QnnLibraries load_libraries(const std::string& folder) {
    check_releases(folder);
    QnnLibraries found;
    // Load the system library first: the backend expects the library of its own release.
    for (const char* stem : {"QnnSystem", "QnnHtp"}) {
        const std::string name = shared_library_name(stem);
        const std::string path = path_in(folder, name);
        if (!is_file(path)) {
            throw Failure(FailureCode::library_missing, "There is no " + name + " in " + folder + ".");
        }
        const SharedLibrary library = keep_shared_library(path);
        if (library.handle == nullptr) {
            throw Failure(FailureCode::library_missing,
                          name + " in " + folder + " cannot be loaded: " + library.reason + ".");
        }
        if (std::string_view(stem) == "QnnHtp") {
            found = describe_backend(library, path);
        } else {
            loaded.system = system_of(library);
        }
    }
    return found;
}

}  // namespace

QnnLibraries use_qnn(const QnnOptions& options) {
    const std::lock_guard lock(mutex);
    if (folder_in_use.empty()) {
        const QnnOutput output(true, QnnOutput::Call::other);
        in_use = load_libraries(options.folder);
        folder_in_use = options.folder;
    } else if (folder_in_use != options.folder) {
        throw Failure(FailureCode::invalid_argument,
                      "QNN's libraries of " + folder_in_use + " are in use; one process takes one folder.");
    }
    loaded.options = options;
    if (options.only_contexts) {
        return in_use;
    }
    {
        const QnnOutput output(true, QnnOutput::Call::other);
        if (!provide_backend()) {
            throw Failure(FailureCode::backend_missing, "This build has no QNN backend.");
        }
    }
    // Set each option in its own call: an unknown option makes the backend drop the whole call.
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
    // QNN prints to standard error itself, and returns the important lines as errors too.
    if (log.set_option("qnn_runtime_log_level", 1) == executorch::runtime::Error::Ok) {
        set(log);
    }
    if (options.performance &&
        performance.set_option("qnn_runtime_htp_performance_mode", static_cast<int>(*options.performance)) ==
            executorch::runtime::Error::Ok) {
        set(performance);
    }
    return in_use;
}

const QnnInUse& qnn_in_use() {
    if (loaded.backend == nullptr || loaded.system == nullptr) {
        throw Failure(FailureCode::library_missing, "Qualcomm's libraries are not loaded, or its system library is of "
                                                    "another interface version than 1.");
    }
    return loaded;
}

}  // namespace wyvern
