#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "every_thread.h"
#include "files.h"

namespace wyvern::cage {

namespace {

// Landlock's interface, from Linux's include/uapi/linux/landlock.h. System headers may be older than the kernel.
constexpr long create_ruleset = 444;
constexpr long add_rule = 445;
constexpr long restrict_self = 446;
constexpr std::uint32_t ask_version = 1;
constexpr int rule_path_beneath = 1;

constexpr std::uint64_t write_file = 1U << 1;
constexpr std::uint64_t read_file = 1U << 2;
constexpr std::uint64_t read_folder = 1U << 3;
constexpr std::uint64_t remove_file = 1U << 5;
constexpr std::uint64_t make_file = 1U << 8;
constexpr std::uint64_t truncate = 1U << 14;

/// All rights to files that a kernel of this version can restrict: 13, then REFER, TRUNCATE and IOCTL_DEV were added.
constexpr std::uint64_t file_rights(long version) {
    const int rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    return (std::uint64_t{1} << rights) - 1;
}

struct Ruleset {
    std::uint64_t files;
    /// From version 4: TCP's bind and connect.
    std::uint64_t network;
    /// From version 6: abstract Unix sockets, and signals to processes outside.
    std::uint64_t scoped;
};

std::size_t size_for(long version) {
    return version >= 6 ? sizeof(Ruleset) : version >= 4 ? offsetof(Ruleset, scoped) : offsetof(Ruleset, network);
}

struct [[gnu::packed]] PathBeneath {
    std::uint64_t rights;
    std::int32_t parent;
};

class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            close(number_);
        }
    }
    int get() const { return number_; }

 private:
    int number_;
};

/// Places that the C library, Node and the CPU's topology need. Landlock keeps /proc's secrets of other processes
/// closed.
constexpr std::array system_places{"/lib",
                                   "/lib64",
                                   "/usr/lib",
                                   "/usr/lib64",
                                   "/etc/ld.so.cache",
                                   "/proc",
                                   "/sys/devices/system/cpu",
                                   "/sys/fs/cgroup",
                                   "/dev/urandom",
                                   "/dev/random",
                                   "/dev/zero"};

/// @returns 0 or an `errno`; a path that does not exist is no error
int allow(int ruleset, const char* path, std::uint64_t rights_of_file, std::uint64_t rights_of_folder) {
    const Descriptor place(open(path, O_PATH | O_CLOEXEC));
    struct stat facts {};
    if (place.get() < 0 || fstat(place.get(), &facts) != 0) {
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : errno;
    }
    const PathBeneath rule{S_ISDIR(facts.st_mode) ? rights_of_folder : rights_of_file, place.get()};
    return syscall(add_rule, ruleset, rule_path_beneath, &rule, 0) == 0 ? 0 : errno;
}

/// @returns less than 1 if there is no Landlock
long landlock_version() { return syscall(create_ruleset, nullptr, 0, ask_version); }

int restrict_this_thread(int ruleset) noexcept {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return errno;
    }
    return syscall(restrict_self, ruleset, 0) == 0 ? 0 : errno;
}

}  // namespace

std::string restrict_files(const std::vector<std::string>& readable, bool shared_memory) {
    const long version = landlock_version();
    if (version < 1) {
        return "this system’s kernel has no Landlock";
    }
    Ruleset handled{};
    handled.files = file_rights(version);
    handled.network = version >= 4 ? 0b11 : 0;
    handled.scoped = version >= 6 ? 0b11 : 0;
    const Descriptor ruleset(static_cast<int>(syscall(create_ruleset, &handled, size_for(version), 0)));
    if (ruleset.get() < 0) {
        return std::strerror(errno);
    }
    int error = 0;
    const auto add = [&](const char* path, std::uint64_t of_file, std::uint64_t of_folder) {
        if (error == 0) {
            error = allow(ruleset.get(), path, of_file & handled.files, of_folder & handled.files);
        }
    };
    for (const char* path : system_places) {
        add(path, read_file, read_file | read_folder);
    }
    for (const std::string& path : readable) {
        add(path.c_str(), read_file, read_file | read_folder);
    }
    add("/dev/null", read_file | write_file | truncate, 0);
    if (shared_memory) {
        add("/dev/shm", 0, read_file | write_file | truncate | make_file | remove_file);
    }
    return error == 0 ? run_on_every_thread(&restrict_this_thread, ruleset.get()) : std::strerror(error);
}

bool restricts_truncation() { return landlock_version() >= 3; }

}  // namespace wyvern::cage
