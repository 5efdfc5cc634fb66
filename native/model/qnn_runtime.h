#pragma once

#include <optional>
#include <string>

namespace wyvern {

/// How much QNN reports of each execute; the values are those of ExecuTorch's option `qnn_runtime_profile_level`.
enum class QnnProfile { off = 0, basic = 1, detailed = 2 };

/// Clock and power the accelerator is asked for; the values are those of `qnn_runtime_htp_performance_mode`
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
    /// Absent: as the program was compiled.
    std::optional<QnnPerformance> performance;
};

/// What is in use, as the libraries themselves say.
struct QnnLibraries {
    /// Release of the HTP backend, e.g. `v2.49.40.260810104044`; empty if it does not tell.
    std::string build_id;
    /// Of the interface that it implements, e.g. `2.38.0`.
    std::string core_api;
};

/// Loads Qualcomm's HTP backend and system library from one folder and sets how the QNN backend runs. Process-wide, and
/// only before the first program of that backend is loaded: ExecuTorch opens the libraries by bare name, and takes the
/// ones that are loaded already. Throws `library-missing`, naming the file and what the loader said, `backend-missing`
/// if this build has no QNN backend, `library-mismatch` if the folder's files are of several releases or of an interface
/// that is not understood, and `invalid-argument` if another folder is in use.
QnnLibraries use_qnn(const QnnOptions& options);

}  // namespace wyvern
