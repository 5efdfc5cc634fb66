#include "qnn_context_model.h"

#include <algorithm>
#include <chrono>

#include "../failure.h"
#include "../model/qnn_runtime.h"

namespace wyvern {

namespace {

LogitsDtype dtype_of(ElementType type) {
    switch (type) {
        case ElementType::float16:
            return LogitsDtype::float16;
        case ElementType::uint8:
        case ElementType::uint16:
            return LogitsDtype::uint16;
        default:
            return LogitsDtype::float32;
    }
}

}  // namespace

QnnContextModel::QnnContextModel(const ContextOptions& options, const ProgressListener& progress)
    : plan_(read_plan(options)), memory_(options, plan_), caches_(plan_) {
    if (const auto mode = qnn_in_use().options.performance; mode && *mode != QnnPerformance::standard) {
        power_.emplace(device_, *mode);
    }
    load(progress);
    make_steps();
    fill_facts();
}

void QnnContextModel::load(const ProgressListener& progress) {
    std::vector<std::vector<size_t>> ladder{plan_.contexts};
    if (plan_.contexts.size() > 2) {
        ladder.push_back({plan_.contexts.front(), plan_.contexts.back()});
    }
    if (plan_.contexts.size() > 1) {
        ladder.push_back({plan_.contexts.back()});
    }
    for (size_t rung = 0;; ++rung) {
        try {
            return load_contexts(ladder[rung], progress);
        } catch (const Failure& failure) {
            contexts_.clear();
            if (failure.code != FailureCode::out_of_memory || rung + 1 == ladder.size()) {
                throw;
            }
            log_line(LogLevel::warning,
                     "The accelerator has no memory for every context length, so Wyvern loads fewer.");
        }
    }
}

void QnnContextModel::load_contexts(const std::vector<size_t>& lengths, const ProgressListener& progress) {
    uint64_t total = 0;
    for (const BinaryFacts& binary : plan_.binaries) {
        total += binary.bytes;
    }
    uint64_t done = 0;
    for (const BinaryFacts& binary : plan_.binaries) {
        progress({LoadStage::prepare, done, total});
        std::vector<std::string> names;
        for (const GraphFacts& graph : binary.graphs) {
            const auto name = parse_graph_name(graph.name);
            const bool wanted = std::find(lengths.begin(), lengths.end(), name->context) != lengths.end();
            if (wanted && (name->ar == 1 || name->ar == plan_.prefill_ar)) {
                names.push_back(graph.name);
            }
        }
        const bool all = names.size() == binary.graphs.size();
        contexts_.push_back(
            std::make_unique<LoadedContext>(device_, binary.path, all ? std::vector<std::string>() : names));
        done += binary.bytes;
    }
    progress({LoadStage::prepare, total, total});
    lengths_ = lengths;
}

void QnnContextModel::make_steps() {
    std::vector<const StepPlan*> plans;
    for (const StepPlan& plan : plan_.steps) {
        if (std::find(lengths_.begin(), lengths_.end(), plan.context) != lengths_.end()) {
            plans.push_back(&plan);
        }
    }
    // All memory has its size afterwards, so pointers into it stay valid.
    memory_.allocate(plans);
    for (const StepPlan* plan : plans) {
        Step& step = steps_.emplace_back(Step{plan, {}});
        for (size_t part = 0; part < plan->parts.size(); ++part) {
            BoundGraph& graph = step.parts.emplace_back(*contexts_[part], plan->parts[part].facts);
            memory_.bind(*plan, part, graph);
            caches_.bind(plan->parts[part], part, graph);
        }
    }
}

void QnnContextModel::fill_facts() {
    const PartGraph& last = plan_.steps.front().parts.back();
    facts_.contract = Contract::qnn_context;
    facts_.backends = {"QnnBackend"};
    facts_.vocab_size = plan_.vocabulary;
    // A token at position p needs p cache slots, and decode has C - 1.
    facts_.context_length = lengths_.back() - 1;
    facts_.prefill_length = std::min(plan_.prefill_ar, facts_.context_length);
    facts_.kv_cache = true;
    facts_.state_bytes = plan_.cache_bytes;
    facts_.logits_dtype = dtype_of(last.output(*last.logits).encoding.type);
    facts_.logits_positions = LogitsPositions::all;
    facts_.layers = static_cast<int64_t>(plan_.layers);
    facts_.performance_fault = power_ ? power_->fault() : "";
}

/// The step of the smallest context that holds `count` more tokens; null if only single tokens fit.
QnnContextModel::Step* QnnContextModel::step_for(size_t count) {
    const size_t ar = count > 1 ? plan_.prefill_ar : 1;
    for (Step& step : steps_) {
        const StepPlan& plan = *step.plan;
        if (plan.ar == ar && count <= ar && position_ <= plan.slots() && position_ + count <= plan.context - 1) {
            return &step;
        }
    }
    return nullptr;
}

size_t QnnContextModel::longest_chunk() const {
    const size_t longest = lengths_.back();
    const size_t room = facts_.context_length - std::min(position_, facts_.context_length);
    const bool prefills = plan_.prefill_ar > 1 && position_ + plan_.prefill_ar <= longest;
    return std::clamp<size_t>(prefills ? std::min(room, plan_.prefill_ar) : 1, 1, facts_.prefill_length);
}

StepTimings QnnContextModel::prefill(std::span<const int32_t> tokens) {
    if (Step* step = step_for(tokens.size())) {
        return run(*step, tokens, more_follows_);
    }
    const size_t before = position_;
    StepTimings total;
    try {
        for (const int32_t token : tokens) {
            total.add(decode(token));
        }
    } catch (...) {
        // The caller feeds all tokens again.
        position_ = before;
        throw;
    }
    return total;
}

StepTimings QnnContextModel::decode(int32_t token) {
    Step* step = step_for(1);
    if (step == nullptr) {
        throw Failure(FailureCode::context_full, "The context is full.");
    }
    return run(*step, {&token, 1}, false);
}

/// Runs one part and returns its time on the accelerator, µs.
double QnnContextModel::run_part(Step& step, size_t part, size_t count) {
    step.parts[part].execute();
    const double before_us = figures_.accelerator_us().value_or(0);
    figures_.begin_part(part + 1);
    device_.read_events(figures_);
    memory_.hand_over(*step.plan, part, count);
    return figures_.accelerator_us().value_or(0) - before_us;
}

StepTimings QnnContextModel::run(Step& step, std::span<const int32_t> tokens, bool more_follows) {
    const auto start = std::chrono::steady_clock::now();
    const StepPlan& plan = *step.plan;
    caches_.use_layout(plan.slots(), position_);
    memory_.fill(plan, tokens, position_);
    latest_ = nullptr;
    headless_ = nullptr;
    figures_.clear();
    const bool omits_head = more_follows && plan.parts.size() > 1 && plan.parts.back().caches.empty();
    const size_t count = step.parts.size() - (omits_head ? 1 : 0);
    std::vector<double> parts_us;
    for (size_t part = 0; part < count; ++part) {
        if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) {
            throw Stopped{};
        }
        parts_us.push_back(run_part(step, part, tokens.size()));
    }
    // A short context's prefill has fewer slots than its tokens may need.
    if (position_ + tokens.size() > plan.slots()) {
        caches_.use_layout(plan.context - 1, position_);
    }
    for (size_t part = 0; part < step.parts.size(); ++part) {
        caches_.append(part, plan.ar, position_, tokens.size());
    }
    position_ += tokens.size();
    headless_ = omits_head ? &step : nullptr;
    const PartGraph& last = plan.parts.back();
    latest_ = &last.output(*last.logits);
    latest_row_ = tokens.size() - 1;
    logits_.clear();
    StepTimings timings;
    timings.backend_us = figures_.qnn_us();
    figures_.write(timings);
    if (timings.htp && timings.accelerator_us) {
        timings.htp->parts_us = std::move(parts_us);
    }
    timings.wall_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
    return timings;
}

std::span<const float> QnnContextModel::logits() {
    if (latest_ == nullptr) {
        throw Failure(FailureCode::nothing_to_continue, "There are no logits: the latest step failed.");
    }
    if (headless_ != nullptr) {
        headless_->parts.back().execute();
        headless_ = nullptr;
    }
    if (logits_.empty()) {
        logits_.resize(plan_.vocabulary);
        const size_t row = plan_.vocabulary * bytes_of(latest_->encoding.type);
        wyvern::decode(latest_->encoding, memory_.logits() + latest_row_ * row, plan_.vocabulary, logits_.data());
    }
    return logits_;
}

}  // namespace wyvern
