#pragma once

#include <optional>
#include <string>

namespace wyvern {

/// How much QNN reports of each execute; the values are those of ExecuTorch's option `qnn_runtime_profile_level`.
enum class QnnProfile { off = 0, basic = 1, detailed = 2 };

/// Performance mode of the accelerator; the values are those of `qnn_runtime_htp_performance_mode`
/// (`backends/qualcomm/serialization/qc_schema.py`).
enum class QnnPerformance {
    standard = 0,
    sustained_high = 1,
    burst = 2,
    high = 3,
    power_saver = 4,
    low_power_saver = 5,
    high_power_saver = 6,
    low_balanced = 7,
    balanced = 8,
};

struct QnnOptions {
    /// Absolute path, UTF-8, of the folder with Qualcomm's libraries, all of one release.
    std::string folder;
    QnnProfile profile = QnnProfile::basic;
    /// Absent: the program's own setting.
    std::optional<QnnPerformance> performance;
    /// Only for context binaries, which need no ExecuTorch.
    bool only_contexts = false;
};

/// The loaded libraries' own versions.
struct QnnLibraries {
    /// Release of the HTP backend, e.g. `v2.49.40.260810104044`; empty if unknown.
    std::string build_id;
    /// Interface version, e.g. `2.38.0`.
    std::string core_api;
};

/// Loads Qualcomm's HTP backend and system library from one folder and sets how ExecuTorch's QNN backend runs. The setting
/// is process-wide. Call it before loading the first program for that backend: ExecuTorch opens the libraries by bare name
/// and takes the loaded ones. Throws `library-missing` with the file and the loader's reason, `backend-missing` if this
/// build has no QNN backend, `library-mismatch` for files of several releases or an unknown interface, and
/// `invalid-argument` if another folder is in use.
QnnLibraries use_qnn(const QnnOptions& options);

namespace qnn {
struct Interface;
struct SystemInterface;
}  // namespace qnn

/// The libraries that `use_qnn` loaded, and its options.
struct QnnInUse {
    const qnn::Interface* backend = nullptr;
    const qnn::SystemInterface* system = nullptr;
    QnnOptions options;
};

/// Throws `library-missing` before `use_qnn`.
const QnnInUse& qnn_in_use();

}  // namespace wyvern
