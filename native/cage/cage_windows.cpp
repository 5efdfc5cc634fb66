#include <windows.h>

#include <array>
#include <string>

#include "cage.h"

namespace wyvern {

namespace {

std::string reason(const char* part) { return std::string(part) + ": error " + std::to_string(GetLastError()) + "."; }

/// Closes the handle of the process's own token.
class OwnToken {
 public:
    OwnToken() {
        OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES | TOKEN_ADJUST_DEFAULT, &handle_);
    }
    OwnToken(const OwnToken&) = delete;
    OwnToken& operator=(const OwnToken&) = delete;
    ~OwnToken() {
        if (handle_ != nullptr) {
            CloseHandle(handle_);
        }
    }
    HANDLE get() const { return handle_; }

 private:
    HANDLE handle_ = nullptr;
};

/// No child processes, no other process's windows, no clipboard, no more memory than the machine has.
bool enter_job() {
    // Windows keeps the job as long as its process; the handle stays open on purpose.
    const HANDLE job = CreateJobObjectW(nullptr, nullptr);
    if (job == nullptr) {
        return false;
    }
    MEMORYSTATUSEX memory{};
    memory.dwLength = sizeof(memory);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_ACTIVE_PROCESS | JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
                                              JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    limits.BasicLimitInformation.ActiveProcessLimit = 1;
    if (GlobalMemoryStatusEx(&memory) != 0) {
        limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        limits.ProcessMemoryLimit = static_cast<SIZE_T>(memory.ullTotalPhys);
    }
    JOBOBJECT_BASIC_UI_RESTRICTIONS screen{};
    screen.UIRestrictionsClass = JOB_OBJECT_UILIMIT_HANDLES | JOB_OBJECT_UILIMIT_READCLIPBOARD |
                                 JOB_OBJECT_UILIMIT_WRITECLIPBOARD | JOB_OBJECT_UILIMIT_GLOBALATOMS |
                                 JOB_OBJECT_UILIMIT_DESKTOP | JOB_OBJECT_UILIMIT_EXITWINDOWS |
                                 JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS | JOB_OBJECT_UILIMIT_DISPLAYSETTINGS;
    return SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)) != 0 &&
           SetInformationJobObject(job, JobObjectBasicUIRestrictions, &screen, sizeof(screen)) != 0 &&
           AssignProcessToJobObject(job, GetCurrentProcess()) != 0;
}

/// No new programs, no libraries from the network or from folders that a caged process could have written.
bool enter_policies() {
    PROCESS_MITIGATION_CHILD_PROCESS_POLICY children{};
    children.NoChildProcessCreation = 1;
    PROCESS_MITIGATION_IMAGE_LOAD_POLICY images{};
    images.NoRemoteImages = 1;
    images.NoLowMandatoryLabelImages = 1;
    PROCESS_MITIGATION_EXTENSION_POINT_DISABLE_POLICY extensions{};
    extensions.DisableExtensionPoints = 1;
    return SetProcessMitigationPolicy(ProcessChildProcessPolicy, &children, sizeof(children)) != 0 &&
           SetProcessMitigationPolicy(ProcessImageLoadPolicy, &images, sizeof(images)) != 0 &&
           SetProcessMitigationPolicy(ProcessExtensionPointDisablePolicy, &extensions, sizeof(extensions)) != 0;
}

/// Removes every privilege except `SeChangeNotifyPrivilege`, which each process has.
bool drop_privileges(HANDLE token) {
    DWORD size = 0;
    GetTokenInformation(token, TokenPrivileges, nullptr, 0, &size);
    std::string memory(size, '\0');
    auto* privileges = reinterpret_cast<TOKEN_PRIVILEGES*>(memory.data());
    if (size == 0 || GetTokenInformation(token, TokenPrivileges, privileges, size, &size) == 0) {
        return false;
    }
    LUID notify{};
    if (LookupPrivilegeValueW(nullptr, L"SeChangeNotifyPrivilege", &notify) == 0) {
        return false;
    }
    for (DWORD i = 0; i < privileges->PrivilegeCount; ++i) {
        LUID_AND_ATTRIBUTES& one = privileges->Privileges[i];
        if (one.Luid.LowPart != notify.LowPart || one.Luid.HighPart != notify.HighPart) {
            one.Attributes = SE_PRIVILEGE_REMOVED;
        }
    }
    return AdjustTokenPrivileges(token, FALSE, privileges, 0, nullptr, nullptr) != 0;
}

/// A process of low integrity cannot write a person's files, registry or other processes.
bool lower_integrity(HANDLE token) {
    std::array<BYTE, SECURITY_MAX_SID_SIZE> sid{};
    DWORD size = static_cast<DWORD>(sid.size());
    if (CreateWellKnownSid(WinLowLabelSid, nullptr, sid.data(), &size) == 0) {
        return false;
    }
    TOKEN_MANDATORY_LABEL label{};
    label.Label.Attributes = SE_GROUP_INTEGRITY;
    label.Label.Sid = sid.data();
    return SetTokenInformation(token, TokenIntegrityLevel, &label, sizeof(label) + GetLengthSid(sid.data())) != 0;
}

}  // namespace

Cage enter_cage(const CageOptions&) {
    Cage cage;
    const bool policies = enter_policies();
    if (!policies) {
        cage.missing.push_back(reason("Process policies"));
    }
    const bool job = enter_job();
    if (!job) {
        cage.missing.push_back(reason("Job object"));
    }
    cage.processes = policies && job;
    const OwnToken token;
    cage.writes = token.get() != nullptr && drop_privileges(token.get()) && lower_integrity(token.get());
    if (!cage.writes) {
        cage.missing.push_back(reason("Low integrity"));
    }
    cage.missing.push_back(
        "Windows restricts reading and connections only in an AppContainer, which a running process cannot enter.");
    return cage;
}

}  // namespace wyvern
