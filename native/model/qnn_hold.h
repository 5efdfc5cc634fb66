#pragma once

namespace wyvern {

/// Marks objects of QNN (backend, device, contexts) that exist in this process. Qualcomm's libraries must not be
/// unloaded while some exist: on Windows they then abort with status 3 or hang. `qnn_is_held` tells process exit to
/// leave them loaded. Threads: any.
class QnnHold {
 public:
    QnnHold() = default;
    ~QnnHold() { release(); }
    QnnHold(const QnnHold&) = delete;
    QnnHold& operator=(const QnnHold&) = delete;

    /// Call it before the objects are made. Calls after the first change nothing.
    void take();
    /// Keeps the mark until the process ends, for objects that nobody can free.
    void keep() { held_ = false; }

 private:
    void release();

    bool held_ = false;
};

bool qnn_is_held();

}  // namespace wyvern
