#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "every_thread.h"

namespace wyvern::cage {

namespace {

/// Looks at a thread that does not answer: some seconds. A machine that stands still in between does not count.
constexpr int patience_looks = 40'000;
constexpr std::chrono::microseconds pause{50};

// For the handler. They outlive the call, because a thread that did not answer in time may run the handler later.
std::atomic<ThreadAction> current_action{nullptr};
std::atomic<int> current_argument{0};
std::atomic<int> first_error{0};
std::atomic<int> answers{0};

void perform() noexcept {
    const int error = current_action.load()(current_argument.load());
    int none = 0;
    if (error != 0) {
        first_error.compare_exchange_strong(none, error);
    }
}

void on_signal(int) {
    const int saved = errno;
    perform();
    answers.fetch_add(1);
    errno = saved;
}

/// A real-time signal that nobody handles; 0 if there is none.
int unused_signal() {
    for (int number = SIGRTMAX; number >= SIGRTMIN; --number) {
        struct sigaction now {};
        if (sigaction(number, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL) {
            return number;
        }
    }
    return 0;
}

std::vector<pid_t> threads_of_this_process() {
    std::vector<pid_t> threads;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), &closedir);
    if (folder == nullptr) {
        return threads;
    }
    while (const dirent* entry = readdir(folder.get())) {
        if (const int thread = std::atoi(entry->d_name); thread > 0) {
            threads.push_back(thread);
        }
    }
    return threads;
}

int send_signal(pid_t thread, int number) { return syscall(SYS_tgkill, getpid(), thread, number) == 0 ? 0 : errno; }

std::string name_of(pid_t thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/comm");
    std::string name;
    std::getline(file, name);
    return name;
}

/// @returns an empty string if the thread did it or ended
std::string run_on_thread(pid_t thread, int number) {
    const int before = answers.load();
    if (send_signal(thread, number) != 0) {
        return {};
    }
    for (int looks = 0; answers.load() == before; ++looks) {
        if (send_signal(thread, 0) == ESRCH) {
            return {};
        }
        if (looks == patience_looks) {
            return "its thread “" + name_of(thread) + "” takes no signals";
        }
        std::this_thread::sleep_for(pause);
    }
    return {};
}

}  // namespace

std::string run_on_every_thread(ThreadAction action, int argument) {
    const int number = unused_signal();
    if (number == 0) {
        return "no signal is free";
    }
    current_action = action;
    current_argument = argument;
    first_error = 0;
    struct sigaction handler {};
    handler.sa_handler = &on_signal;
    handler.sa_flags = SA_RESTART;
    if (sigaction(number, &handler, nullptr) != 0) {
        return std::strerror(errno);
    }
    const auto self = static_cast<pid_t>(syscall(SYS_gettid));
    std::vector<pid_t> done{self};
    for (bool found = true; found;) {
        found = false;
        const std::vector<pid_t> threads = threads_of_this_process();
        if (threads.empty()) {
            return "/proc does not list its threads";
        }
        for (const pid_t thread : threads) {
            if (std::find(done.begin(), done.end(), thread) != done.end()) {
                continue;
            }
            found = true;
            if (std::string reason = run_on_thread(thread, number); !reason.empty()) {
                return reason;
            }
            done.push_back(thread);
        }
    }
    perform();
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(number, &standard, nullptr);
    return first_error == 0 ? std::string() : std::strerror(first_error);
}

}  // namespace wyvern::cage
