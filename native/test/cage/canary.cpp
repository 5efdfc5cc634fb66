// The operator `canary::try_to_exit.out`: a model file that has taken over the engine. A test puts it where the tiny
// llama calls `llama::update_cache.out`. Its first call tries what a person would not want and prints one line to
// standard error: `canary: NAME=ok` or `NAME=` with the name of the error, for each attempt.

#include <executorch/runtime/kernel/operator_registry.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

using executorch::runtime::EValue;
using executorch::runtime::Kernel;
using executorch::runtime::KernelRuntimeContext;
using executorch::runtime::Span;

/// @returns 0 or the `errno` of a call that returns less than 0 if it fails
int error_of(long result) { return result < 0 ? errno : 0; }

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

int read_file() {
    const int file = open(environment("CANARY_READ"), O_RDONLY | O_CLOEXEC);
    char byte = 0;
    return file < 0 ? errno : error_of(read(file, &byte, 1));
}

int list_folder() { return error_of(open(environment("CANARY_LIST"), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

int write_file() { return error_of(open(environment("CANARY_WRITE"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); }

int remove_file() { return error_of(unlink(environment("CANARY_REMOVE"))); }

/// What Landlock alone does not restrict, or not in each of its versions.
int cut_file() { return error_of(truncate(environment("CANARY_CHANGE"), 0)); }

int change_mode() { return error_of(chmod(environment("CANARY_CHANGE"), 0644)); }

int connect_by(int family) { return error_of(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

/// The way around a filter of `socket`.
int open_ring() {
    char parameters[256] = {};
    return error_of(syscall(SYS_io_uring_setup, 4, parameters));
}

int start_program() {
    char name[] = "true";
    char* const arguments[] = {name, nullptr};
    pid_t child = 0;
    const int error = posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments, nullptr);
    if (error == 0) {
        waitpid(child, nullptr, 0);
    }
    return error;
}

int replace_by_unnamed_file() {
    const int file = memfd_create("canary", MFD_CLOEXEC);
    char* const none[] = {nullptr};
    // Not a program, so this fails in every process; the error tells whether the system looked into the file.
    return error_of(syscall(SYS_execveat, file, "", none, none, AT_EMPTY_PATH));
}

int copy_process() {
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    if (child > 0) {
        waitpid(child, nullptr, 0);
    }
    return error_of(child);
}

int signal_parent() { return error_of(kill(getppid(), 0)); }

int read_parent() {
    char byte = 0;
    const iovec here{&byte, 1};
    const iovec there{&byte, 1};
    // The address is of this process, so a process that may read the parent gets EFAULT or a byte.
    const long got = process_vm_readv(getppid(), &here, 1, &there, 1, 0);
    return got < 0 && errno != EFAULT ? errno : 0;
}

/// Threads that ran before the cage went up must be in it too.
int from_new_thread() {
    int error = 0;
    std::thread([&] { error = read_file(); }).join();
    return error;
}

std::string line(const char* name, int error) {
    return std::string(" ") + name + "=" + (error == 0 ? "ok" : strerrorname_np(error));
}

void try_everything() {
    std::string text = "canary:";
    text += line("read", read_file()) + line("list", list_folder()) + line("write", write_file());
    text += line("remove", remove_file()) + line("cut", cut_file());
    text += line("mode", change_mode()) + line("inet", connect_by(AF_INET)) + line("unix", connect_by(AF_UNIX));
    text += line("ring", open_ring()) + line("spawn", start_program()) + line("fork", copy_process());
    text += line("exec", replace_by_unnamed_file()) + line("signal", signal_parent()) + line("memory", read_parent());
    text += line("thread", from_new_thread()) + "\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

void try_to_exit(KernelRuntimeContext&, Span<EValue*>) {
    static const bool once = [] {
        try_everything();
        return true;
    }();
    static_cast<void>(once);
}

const Kernel kernels[] = {Kernel("canary::try_to_exit.out", try_to_exit)};
[[maybe_unused]] const auto registered = executorch::runtime::register_kernels({kernels, 1});

}  // namespace

/// Makes this library an addon without exports, so that a test can load it into an engine and Node keeps it loaded.
extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
    return exports;
}
