#include "load.h"

#include "../context/qnn_context_model.h"
#include "cores.h"
#include "llama_model.h"
#include "program.h"
#include "qnn_static_model.h"
#include "session.h"

#include <algorithm>

namespace wyvern {

namespace {

std::unique_ptr<LanguageModel> make_model(std::unique_ptr<Program> program) {
    if (QnnStaticModel::recognises(*program)) {
        return std::make_unique<QnnStaticModel>(std::move(program));
    }
    if (LlamaModel::recognises(*program)) {
        return std::make_unique<LlamaModel>(std::move(program));
    }
    std::string names;
    for (const std::string& method : program->methods()) {
        names += (names.empty() ? "" : ", ") + method;
    }
    throw Failure(FailureCode::program_unsupported,
                  "The program has neither `forward` nor `token_embedding` with `text_decoder`, but: " +
                      (names.empty() ? "nothing" : names) + ".");
}

std::unique_ptr<LanguageModel> open_model(const LoadOptions& options, const ProgressListener& progress) {
    if (options.contexts) {
        return std::make_unique<QnnContextModel>(*options.contexts, progress);
    }
    auto program = std::make_unique<Program>(options, progress);
    progress({LoadStage::prepare, 0, 0});
    return make_model(std::move(program));
}

}  // namespace

std::unique_ptr<Session> load_session(const LoadOptions& options, const ProgressListener& progress) {
    uint64_t bytes = 0;
    const ProgressListener watch = [&](const LoadProgress& step) {
        bytes = std::max(bytes, step.bytes_total);
        progress({step.stage, step.bytes_done, bytes});
    };
    auto session = std::make_unique<Session>(open_model(options, watch));
    release_freed_memory();
    progress({LoadStage::prepare, bytes, bytes});
    if (options.warm_up) {
        progress({LoadStage::warm_up, 0, bytes});
        session->warm_up();
        progress({LoadStage::warm_up, bytes, bytes});
    }
    return session;
}

}  // namespace wyvern
