/// What the addon takes from ExecuTorch and from its own code for programs, without either. Test only: there is no SDK
/// for Windows to link with, so the addon of `npm run test:windows` runs only models in context binaries, which need
/// none.

#include <executorch/runtime/backend/interface.h>
#include <executorch/runtime/backend/options.h>
#include <executorch/runtime/platform/platform.h>
#include <executorch/runtime/platform/runtime.h>

#include <memory>

#include "../../context/qnn_context_model.h"
#include "../../failure.h"
#include "../../kernels/guarded.h"
#include "../../model/load.h"
#include "../../model/runtime.h"
#include "../../model/session.h"

namespace executorch::ET_RUNTIME_NAMESPACE {

BackendInterface* get_backend_class(const char*) { return nullptr; }
Error register_backend(const Backend&) { return Error::NotSupported; }
Error set_option(const char*, Span<BackendOption>) { return Error::NotSupported; }

}  // namespace executorch::ET_RUNTIME_NAMESPACE

namespace executorch::runtime {

bool register_pal(PalImpl) { return true; }
void runtime_init() {}
PalImpl PalImpl::create(pal_init_method, pal_abort_method, pal_current_ticks_method, pal_ticks_to_ns_multiplier_method,
                        pal_emit_log_message_method, pal_allocate_method, pal_free_method, const char*) {
    return {};
}

}  // namespace executorch::runtime

namespace wyvern {

void kernels::guard_kernels() {}

const char* executorch_version() { return "none"; }
std::vector<std::string> registered_backends() { return {}; }
std::vector<std::string> own_operators() { return {}; }
std::vector<std::string> missing_operators(const std::vector<std::string>& names) { return names; }
void check_runtime() {}
size_t thread_count() { return 1; }
ThreadPoolUse::ThreadPoolUse(std::optional<size_t>) {}
ThreadPoolUse::~ThreadPoolUse() = default;

std::unique_ptr<Session> load_session(const LoadOptions& options, const ProgressListener& progress) {
    if (!options.contexts) {
        throw Failure(FailureCode::program_unsupported, "This build has no ExecuTorch.");
    }
    auto session = std::make_unique<Session>(std::make_unique<QnnContextModel>(*options.contexts, progress));
    if (options.warm_up) {
        session->warm_up();
    }
    return session;
}

}  // namespace wyvern
