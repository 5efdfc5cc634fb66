#include "parallel.h"

#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include <cstddef>

#ifdef ET_USE_THREADPOOL
#if __has_include(<executorch/extension/threadpool/threadpool.h>)
#include <executorch/extension/threadpool/threadpool.h>
#else
// The SDK's threadpool library exports these; its headers leave them out.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
    std::size_t get_thread_count() const;
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool
#endif
#endif

namespace wyvern::kernels {

std::int64_t thread_count() {
#ifdef ET_USE_THREADPOOL
    const auto* pool = executorch::extension::threadpool::get_threadpool();
    if (pool != nullptr && pool->get_thread_count() > 0) return static_cast<std::int64_t>(pool->get_thread_count());
#endif
    return 1;
}

bool run_tasks(std::int64_t count, executorch::runtime::FunctionRef<void(std::int64_t)> task) {
    if (count == 1) {
        task(0);
        return true;
    }
    return executorch::extension::parallel_for(0, count, 1, [&task](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) task(i);
    });
}

}  // namespace wyvern::kernels
