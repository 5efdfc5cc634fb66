#include "cores.h"

#include <algorithm>
#include <thread>

#if defined(_WIN32)
#include <windows.h>

#include <vector>
#elif defined(__linux__)
#include <malloc.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>
#else
#include <unistd.h>
#endif

namespace wyvern {

#if defined(_WIN32)

size_t performance_cores() {
    DWORD length = 0;
    GetLogicalProcessorInformationEx(RelationProcessorCore, nullptr, &length);
    std::vector<char> buffer(length);
    auto* first = reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(buffer.data());
    if (length == 0 || !GetLogicalProcessorInformationEx(RelationProcessorCore, first, &length)) {
        return std::max(1U, std::thread::hardware_concurrency());
    }
    size_t cores = 0;
    BYTE fastest = 0;
    for (DWORD offset = 0; offset < length;) {
        const auto* core = reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(buffer.data() + offset);
        if (core->Processor.EfficiencyClass > fastest) {
            fastest = core->Processor.EfficiencyClass;
            cores = 0;
        }
        cores += core->Processor.EfficiencyClass == fastest ? 1 : 0;
        offset += core->Size;
    }
    return std::max<size_t>(1, cores);
}

uint64_t physical_memory() {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof(status);
    return GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : 0;
}

#elif defined(__linux__)

namespace {

template <typename T>
T read_sysfs(size_t cpu, const char* name, T fallback) {
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/" + name);
    T value;
    return file >> value ? value : fallback;
}

}  // namespace

size_t performance_cores() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
        return std::max(1U, std::thread::hardware_concurrency());
    }
    // Siblings of one core have the same list, so the number of different lists is the number of cores.
    std::set<std::string> cores;
    long fastest = 0;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) {
            continue;
        }
        const long capacity = read_sysfs<long>(cpu, "cpu_capacity", 0);
        if (capacity > fastest) {
            fastest = capacity;
            cores.clear();
        }
        if (capacity == fastest) {
            cores.insert(read_sysfs<std::string>(cpu, "topology/thread_siblings_list", std::to_string(cpu)));
        }
    }
    return std::max<size_t>(1, cores.size());
}

uint64_t physical_memory() {
    return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

#else

size_t performance_cores() { return std::max(1U, std::thread::hardware_concurrency()); }

uint64_t physical_memory() {
    return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

#endif

void release_freed_memory() {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

}  // namespace wyvern
