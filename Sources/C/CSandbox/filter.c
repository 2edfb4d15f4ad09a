#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

// What a computation over files has no use for: the network, programs, other processes, the kernel's own doors.
static const int refused[] = {
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg,
    SYS_sendmmsg, SYS_recvmsg, SYS_recvmmsg, SYS_setsockopt,
    SYS_execve, SYS_execveat, SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_ptrace,
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_setrlimit, SYS_setpgid, SYS_setsid,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_name_to_handle_at,
    SYS_open_by_handle_at, SYS_memfd_create, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_add_key,
    SYS_request_key, SYS_keyctl, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot,
    SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_settimeofday, SYS_clock_settime, SYS_sethostname,
    SYS_setdomainname, SYS_shmget, SYS_shmat, SYS_shmctl, SYS_msgget, SYS_semget, SYS_mq_open,
#ifdef SYS_fork
    SYS_fork, SYS_vfork,
#endif
#ifdef SYS_pidfd_open
    SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal,
#endif
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
#endif
};

#define REFUSED_COUNT (sizeof refused / sizeof refused[0])
#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))
// The lower half of an argument; both architectures are little-endian.
#define ARGUMENT(index) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (index)))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define IF(test, value, yes, no) BPF_JUMP(BPF_JMP | BPF_##test | BPF_K, (value), (yes), (no))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE ANSWER(SECCOMP_RET_ERRNO | EPERM)

int sextant_confine_calls(void) {
    const struct sock_filter head[] = {
        LOAD(FIELD(arch)),
        IF(JEQ, ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(FIELD(nr)),
        // The second set of numbers on x86-64.
        IF(JGE, 0x40000000, 0, 1),
        REFUSE,
        // New threads, and no processes. The C library falls back from the call whose flags cannot be seen here.
        IF(JEQ, SYS_clone3, 0, 1),
        ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
        IF(JEQ, SYS_clone, 0, 4),
        LOAD(ARGUMENT(0)),
        IF(JSET, CLONE_THREAD, 1, 0),
        REFUSE,
        ANSWER(SECCOMP_RET_ALLOW),
        // Signals to itself: abort() sends one.
        IF(JEQ, SYS_tgkill, 0, 4),
        LOAD(ARGUMENT(0)),
        IF(JEQ, (uint32_t)getpid(), 1, 0),
        REFUSE,
        ANSWER(SECCOMP_RET_ALLOW),
        // Limits may be read and not set.
        IF(JEQ, SYS_prlimit64, 0, 6),
        LOAD(ARGUMENT(2)),
        IF(JEQ, 0, 0, 3),
        LOAD(ARGUMENT(2) + 4),
        IF(JEQ, 0, 0, 1),
        ANSWER(SECCOMP_RET_ALLOW),
        REFUSE,
    };
    const size_t head_count = sizeof head / sizeof head[0];
    struct sock_filter program[sizeof head / sizeof head[0] + 2 * REFUSED_COUNT + 1];
    size_t count = 0;
    for (; count < head_count; count++) program[count] = head[count];
    for (size_t index = 0; index < REFUSED_COUNT; index++) {
        program[count++] = (struct sock_filter)IF(JEQ, (uint32_t)refused[index], 0, 1);
        program[count++] = (struct sock_filter)REFUSE;
    }
    program[count++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    const struct sock_fprog filter = {.len = (unsigned short)count, .filter = program};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0 ? 0 : errno;
}

#else

int sextant_confine_calls(void) { return ENOSYS; }

#endif
