// `resources/native/without_rings.so`, which the engine process loads before everything else (LD_PRELOAD): Linux's
// io_uring does not exist for it. libuv opens rings when Node starts, cannot be asked not to (since 1.50), and ends the
// process when a ring stops working; and what goes through a ring passes every filter of system calls. Without rings
// libuv uses epoll alone.
//
// No C++ library here: Node contains one of its own.

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

#if defined(__x86_64__)
constexpr unsigned own_architecture = AUDIT_ARCH_X86_64;
#else
constexpr unsigned own_architecture = AUDIT_ARCH_AARCH64;
#endif
/// Linux's asm-generic/unistd.h; the same on both processors.
constexpr unsigned io_uring_setup = 425;

[[gnu::constructor]] void forbid_rings() {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, own_architecture, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{sizeof(code) / sizeof(code[0]), code};
    // Without a filter the rings stay, and the cage says that it is incomplete.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    }
}

}  // namespace
