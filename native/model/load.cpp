#include "load.h"

#include "cores.h"
#include "llama_model.h"
#include "program.h"
#include "qnn_static_model.h"
#include "session.h"

namespace wyvern {

namespace {

std::unique_ptr<LanguageModel> make_model(std::unique_ptr<Program> program) {
    if (QnnStaticModel::recognises(*program)) {
        return std::make_unique<QnnStaticModel>(std::move(program));
    }
    if (program->has("forward")) {
        return std::make_unique<LlamaModel>(std::move(program));
    }
    throw Failure(FailureCode::program_unsupported,
                  "The program has no method `forward`, so it is no language model that this build can run.");
}

}  // namespace

std::unique_ptr<Session> load_session(const LoadOptions& options, const ProgressListener& progress) {
    uint64_t bytes = 0;
    const ProgressListener watch = [&](const LoadProgress& step) {
        bytes = step.bytes_total;
        progress(step);
    };
    auto program = std::make_unique<Program>(options, watch);
    progress({LoadStage::prepare, 0, bytes});
    auto session = std::make_unique<Session>(make_model(std::move(program)));
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
