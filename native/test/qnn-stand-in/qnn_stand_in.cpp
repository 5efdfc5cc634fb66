/// \file
/// Stands in for `libQnnHtp.so`: forwards all calls to the real one, whose path is in `WYVERN_STAND_IN_LIBRARY`, except
/// the call that `WYVERN_STAND_IN_FAULT` names: `FUNCTION:K:NUMBER` fails the K-th call (from 1) of FUNCTION and all
/// later ones with QNN's error NUMBER; with `:N` at its end only N calls. With `hang` for the number that call never
/// returns.
/// It also prints `WYVERN_STAND_IN_COMPLAINT`, as Qualcomm's libraries print a reason.
/// FUNCTION is one of `context`, `graph`, `execute`, `device`, `backend`, `power`.
/// `WYVERN_STAND_IN_VOTES` names a file that gets a line for each vote for the accelerator's clocks.
#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "qnn_interface.h"

namespace {

using namespace wyvern::qnn;

/// Every function of QNN returns an error number and takes few words, so registers and a few stack slots can pass them
/// on.
using Function = uint64_t (*)(void*, void*, void*, void*, void*, void*, void*, void*);

struct Fault {
    unsigned index = kFunctionCount;
    long call = 0;
    uint64_t number = 0;
    bool hang = false;
    /// Number of calls that fail.
    long times = std::numeric_limits<int>::max();
};

unsigned index_of(const std::string& function) {
    if (function == "backend") return kBackendCreate;
    if (function == "context") return kContextCreateFromBinary;
    if (function == "graph") return kGraphRetrieve;
    if (function == "execute") return kGraphExecute;
    if (function == "device") return kDeviceCreate;
    if (function == "power") return kDeviceGetInfrastructure;
    return kFunctionCount;
}

Fault read_fault() {
    Fault fault;
    const char* text = std::getenv("WYVERN_STAND_IN_FAULT");
    char function[16] = {};
    char number[16] = {};
    if (text != nullptr &&
        std::sscanf(text, "%15[a-z]:%ld:%15[a-z0-9]:%ld", function, &fault.call, number, &fault.times) >= 3) {
        fault.index = index_of(function);
        fault.hang = std::strcmp(number, "hang") == 0;
        fault.number = std::strtoull(number, nullptr, 10);
    }
    return fault;
}

Fault fault;
Function original;
std::atomic<long> calls{0};

uint64_t faulty(void* a, void* b, void* c, void* d, void* e, void* f, void* g, void* h) {
    const long call = ++calls;
    if (call < fault.call || call - fault.call >= fault.times) {
        return original(a, b, c, d, e, f, g, h);
    }
    while (fault.hang) {
        pause();
    }
    if (const char* complaint = std::getenv("WYVERN_STAND_IN_COMPLAINT")) {
        std::fprintf(stderr, " <E> %s\n", complaint);
    }
    return fault.number;
}

/// What QNN holds for this process. If it still holds some when the system unloads it, it aborts, as Qualcomm's
/// emulator for Windows does. `WYVERN_STAND_IN_LEDGER` names a file that gets the numbers before.
struct Holding {
    const char* name;
    unsigned create;
    unsigned free;
    std::atomic<long> count{0};
    Function real_create = nullptr;
    Function real_free = nullptr;
};
Holding holdings[] = {
    {"backend", kBackendCreate, kBackendFree},
    {"device", kDeviceCreate, kDeviceFree},
    {"context", kContextCreateFromBinary, kContextFree},
};

template <size_t which>
uint64_t create(void* a, void* b, void* c, void* d, void* e, void* f, void* g, void* h) {
    const uint64_t result = holdings[which].real_create(a, b, c, d, e, f, g, h);
    holdings[which].count += result == kSuccess ? 1 : 0;
    return result;
}

template <size_t which>
uint64_t release(void* a, void* b, void* c, void* d, void* e, void* f, void* g, void* h) {
    const uint64_t result = holdings[which].real_free(a, b, c, d, e, f, g, h);
    holdings[which].count -= result == kSuccess ? 1 : 0;
    return result;
}

struct Ledger {
    ~Ledger() {
        const char* path = std::getenv("WYVERN_STAND_IN_LEDGER");
        FILE* file = path != nullptr ? std::fopen(path, "w") : nullptr;
        bool holds = false;
        for (const Holding& one : holdings) {
            holds = holds || one.count > 0;
            if (file != nullptr) {
                std::fprintf(file, "%s %ld\n", one.name, one.count.load());
            }
        }
        if (file != nullptr) {
            std::fclose(file);
        }
        if (holds) {
            std::abort();
        }
    }
} ledger;

/// The real library's performance infrastructure, with functions that note each call.
PerfInfrastructure real_power;
PerfInfrastructure noted_power;

template <typename... Arguments>
void note(const char* format, Arguments... arguments) {
    const char* path = std::getenv("WYVERN_STAND_IN_VOTES");
    if (FILE* file = path != nullptr ? std::fopen(path, "a") : nullptr) {
        std::fprintf(file, format, arguments...);
        std::fclose(file);
    }
}

uint64_t destroy_client(uint32_t client) {
    note("%s", "destroy\n");
    return real_power.destroy(client);
}

uint64_t vote(uint32_t client, const PowerConfig* const* configs) {
    for (const PowerConfig* const* at = configs; *at != nullptr; ++at) {
        const PowerConfig& one = **at;
        if (one.option == kDcvsV3) {
            note("clocks %x, sleep after %u, %s\n", one.dcvs.core_corners[1], one.dcvs.sleep_latency,
                 one.dcvs.enable != 0 ? "adjusted" : "held");
        } else {
            note(one.option == kRpcPollingTime ? "polling %u\n" : "latency %u\n", one.microseconds);
        }
    }
    return real_power.set(client, configs);
}

using GetInfrastructure = uint64_t (*)(const PerfInfrastructure**);
GetInfrastructure real_infrastructure;

uint64_t infrastructure(const PerfInfrastructure** found) {
    const uint64_t result = real_infrastructure(found);
    if (result == kSuccess) {
        noted_power = real_power = **found;
        noted_power.set = &vote;
        noted_power.destroy = &destroy_client;
        *found = &noted_power;
    }
    return result;
}

/// The real library's provider with some functions replaced, and space for functions of later releases.
struct Provider {
    Interface head;
    /// The function table from its second entry on.
    void* more[kFunctionCount - 1];
};
Provider provider;
const Interface* providers[] = {&provider.head};

template <size_t which>
void watch() {
    Holding& one = holdings[which];
    void*& make = provider.more[one.create - 1];
    void*& unmake = provider.more[one.free - 1];
    if (make == reinterpret_cast<void*>(&create<which>)) {
        return;
    }
    one.real_create = reinterpret_cast<Function>(make);
    one.real_free = reinterpret_cast<Function>(unmake);
    make = reinterpret_cast<void*>(&create<which>);
    unmake = reinterpret_cast<void*>(&release<which>);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) uint64_t QnnInterface_getProviders(const Interface*** list,
                                                                                     uint32_t* count) {
    const char* path = std::getenv("WYVERN_STAND_IN_LIBRARY");
    void* library = path != nullptr ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    const auto get =
        library != nullptr ? reinterpret_cast<GetProviders>(dlsym(library, "QnnInterface_getProviders")) : nullptr;
    const Interface** real = nullptr;
    uint32_t real_count = 0;
    if (get == nullptr || get(&real, &real_count) != kSuccess || real_count == 0) {
        return 1;
    }
    std::memcpy(&provider, real[0], sizeof(provider));
    watch<0>();
    watch<1>();
    watch<2>();
    void*& power = provider.more[kDeviceGetInfrastructure - 1];
    if (power != reinterpret_cast<void*>(&infrastructure)) {
        real_infrastructure = reinterpret_cast<GetInfrastructure>(power);
        power = reinterpret_cast<void*>(&infrastructure);
    }
    fault = read_fault();
    if (fault.index < kFunctionCount) {
        void*& entry = provider.more[fault.index - 1];
        if (entry != reinterpret_cast<void*>(&faulty)) {
            original = reinterpret_cast<Function>(entry);
            entry = reinterpret_cast<void*>(&faulty);
        }
    }
    *list = providers;
    *count = 1;
    return kSuccess;
}
