#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "system_calls.h"

namespace wyvern::cage {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#else
#error "The filter knows the system calls of x86-64 and arm64."
#endif

// Numbers that older system headers lack; the same on both processors (Linux's asm-generic/unistd.h).
constexpr std::uint32_t nr_pidfd_send_signal = 424;
constexpr std::uint32_t nr_io_uring_setup = 425;
constexpr std::uint32_t nr_io_uring_enter = 426;
constexpr std::uint32_t nr_io_uring_register = 427;
constexpr std::uint32_t nr_open_tree = 428;
constexpr std::uint32_t nr_move_mount = 429;
constexpr std::uint32_t nr_fsopen = 430;
constexpr std::uint32_t nr_fsconfig = 431;
constexpr std::uint32_t nr_fsmount = 432;
constexpr std::uint32_t nr_fspick = 433;
constexpr std::uint32_t nr_pidfd_open = 434;
constexpr std::uint32_t nr_clone3 = 435;
constexpr std::uint32_t nr_openat2 = 437;
constexpr std::uint32_t nr_pidfd_getfd = 438;
constexpr std::uint32_t nr_process_madvise = 440;
constexpr std::uint32_t nr_mount_setattr = 442;
constexpr std::uint32_t nr_fchmodat2 = 452;
constexpr std::uint32_t nr_setxattrat = 463;
constexpr std::uint32_t nr_removexattrat = 466;

constexpr std::uint32_t denied_calls[] = {
    // Connections. Pipes and socket pairs to the main process are open already.
    SYS_socket,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    // Programs. `clone` starts threads, and has a rule of its own.
    SYS_execve,
    SYS_execveat,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
    // Other processes. `kill` and its kin have rules of their own.
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_tkill,
    nr_process_madvise,
    nr_pidfd_open,
    nr_pidfd_getfd,
    nr_pidfd_send_signal,
    // Memory and queues that other processes share by name.
    SYS_shmget,
    SYS_shmat,
    SYS_semget,
    SYS_msgget,
    SYS_mq_open,
    // File systems and namespaces.
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_name_to_handle_at,
    SYS_open_by_handle_at,
    SYS_fanotify_init,
    SYS_quotactl,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    nr_open_tree,
    nr_move_mount,
    nr_fsopen,
    nr_fsconfig,
    nr_fsmount,
    nr_fspick,
    nr_mount_setattr,
    // Large interfaces of the kernel, where most of its faults were found.
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    nr_io_uring_setup,
    nr_io_uring_enter,
    nr_io_uring_register,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    // The system itself.
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_syslog,
    SYS_vhangup,
    SYS_personality,
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
    SYS_uselib,
#endif
};

/// Calls that change files by path and that Landlock does not restrict: attributes, and before its version 3 the
/// length.
constexpr std::uint32_t attribute_calls[] = {
#ifdef SYS_open
    SYS_chmod,       SYS_chown,        SYS_lchown,    SYS_utime,     SYS_utimes,       SYS_futimesat,
#endif
    SYS_fchmodat,    SYS_fchownat,     SYS_utimensat, SYS_truncate,  SYS_setxattr,     SYS_lsetxattr,
    SYS_removexattr, SYS_lremovexattr, nr_fchmodat2,  nr_setxattrat, nr_removexattrat,
};

/// Calls that change names of files, or make files.
constexpr std::uint32_t writing_calls[] = {
#ifdef SYS_open
    SYS_creat,     SYS_rename,   SYS_unlink,  SYS_mkdir,  SYS_rmdir,     SYS_link,    SYS_symlink, SYS_mknod,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
    SYS_renameat2, SYS_unlinkat, SYS_mkdirat, SYS_linkat, SYS_symlinkat, SYS_mknodat,
};

constexpr std::uint32_t allow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t deny = SECCOMP_RET_ERRNO | EPERM;
/// The C library then takes the older call, whose arguments a filter can read.
constexpr std::uint32_t deny_as_unknown = SECCOMP_RET_ERRNO | ENOSYS;

/// A filter's program. The accumulator holds the number of the system call between rules.
class Filter {
 public:
    Filter() {
        load(offsetof(seccomp_data, arch));
        add(BPF_JMP | BPF_JEQ | BPF_K, own_architecture, 1, 0);
        finish(SECCOMP_RET_KILL_PROCESS);
        load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
        // The same calls with 32-bit pointers, under other numbers.
        add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
        finish(deny);
#endif
    }

    void refuse(std::uint32_t call, std::uint32_t answer = deny) {
        add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
        finish(answer);
    }

    /// Refuses the call unless the low half of an argument equals `value`.
    void require_equal(std::uint32_t call, int argument, std::uint32_t value) {
        begin(call, argument);
        add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
        end(allow, deny);
    }

    /// Refuses the call if the low half of an argument equals `value`.
    void refuse_equal(std::uint32_t call, int argument, std::uint32_t value) {
        begin(call, argument);
        add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
        end(deny, allow);
    }

    /// Refuses the call unless the argument has one of `bits`.
    void require_bits(std::uint32_t call, int argument, std::uint32_t bits) {
        begin(call, argument);
        add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
        end(allow, deny);
    }

    /// Refuses the call if the argument has one of `bits`.
    void refuse_bits(std::uint32_t call, int argument, std::uint32_t bits) {
        begin(call, argument);
        add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
        end(deny, allow);
    }

    /// @returns 0 or an `errno`
    int apply() {
        finish(allow);
        const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
            return errno;
        }
        // A positive result is the id of a thread that has another filter.
        const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
        return result == 0 ? 0 : result > 0 ? EBUSY : errno;
    }

 private:
    void add(int code, std::uint32_t value, int if_true = 0, int if_false = 0) {
        code_.push_back({static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(if_true),
                         static_cast<std::uint8_t>(if_false), value});
    }
    void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
    void finish(std::uint32_t answer) { add(BPF_RET | BPF_K, answer); }
    /// Skips the rule's other four instructions for other calls. Both processors are little-endian.
    void begin(std::uint32_t call, int argument) {
        add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
        load(offsetof(seccomp_data, args) + static_cast<std::size_t>(argument) * sizeof(std::uint64_t));
    }
    void end(std::uint32_t if_so, std::uint32_t if_not) {
        finish(if_so);
        finish(if_not);
    }

    std::vector<sock_filter> code_;
};

/// Whether this process has an io_uring. A filter does not see the calls that go through one, and libuv ends the
/// process if its own ring stops working.
bool has_ring() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), &closedir);
    if (folder == nullptr) {
        return false;
    }
    while (const dirent* entry = readdir(folder.get())) {
        char target[64] = {};
        const ssize_t length = readlinkat(dirfd(folder.get()), entry->d_name, target, sizeof(target));
        if (length > 0 && std::string_view(target, static_cast<std::size_t>(length)) == "anon_inode:[io_uring]") {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string restrict_system_calls(bool writes) {
    // Some containers refuse the system call itself.
    const std::uint32_t action = SECCOMP_RET_ERRNO;
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) {
        return std::string("this system takes no filters (") + std::strerror(errno) + ")";
    }
    if (has_ring()) {
        return "Node has opened an io_uring, since without_rings.so was not loaded first";
    }
    Filter filter;
    for (const std::uint32_t call : denied_calls) {
        filter.refuse(call);
    }
    for (const std::uint32_t call : attribute_calls) {
        filter.refuse(call);
    }
    filter.refuse(nr_clone3, deny_as_unknown);
    filter.require_bits(SYS_clone, 0, CLONE_THREAD);
    filter.require_equal(SYS_socketpair, 0, AF_UNIX);
    const auto self = static_cast<std::uint32_t>(getpid());
    for (const std::uint32_t call : {SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo}) {
        filter.require_equal(call, 0, self);
    }
    // A terminal would take the text as typed by the person.
    filter.refuse_equal(SYS_ioctl, 1, TIOCSTI);
    if (!writes) {
        constexpr std::uint32_t write_flags = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
#ifdef SYS_open
        filter.refuse_bits(SYS_open, 1, write_flags);
#endif
        filter.refuse_bits(SYS_openat, 2, write_flags);
        filter.refuse(nr_openat2, deny_as_unknown);
        for (const std::uint32_t call : writing_calls) {
            filter.refuse(call);
        }
    }
    const int error = filter.apply();
    return error == 0 ? std::string() : std::strerror(error);
}

}  // namespace wyvern::cage
