#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

// What a computation over files has no use for. What a file may be opened for is Landlock's to say; what needs no file
// opened for writing, or none at all, is refused here.
static const int refused[] = {
    // The network.
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg,
    SYS_sendmmsg, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg, SYS_setsockopt, SYS_shutdown,
    // Names, rights, owners, times and attributes of files; writing all of the machine's files out.
    SYS_truncate, SYS_linkat, SYS_symlinkat, SYS_mknodat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat,
    SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
    SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_memfd_create, SYS_fanotify_init, SYS_fanotify_mark,
    SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch, SYS_sync, SYS_syncfs, SYS_quotactl,
    SYS_lookup_dcookie, SYS_nfsservctl,
    // File systems.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff,
    // Programs and other processes, their rights and their share of the machine.
    SYS_execve, SYS_execveat, SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_ptrace,
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_setpgid, SYS_setsid, SYS_unshare, SYS_setns,
    SYS_setrlimit, SYS_setpriority, SYS_ioprio_set, SYS_sched_setparam, SYS_sched_setscheduler, SYS_sched_setattr,
    SYS_sched_setaffinity, SYS_migrate_pages, SYS_move_pages,
    // Who the process is.
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setfsuid, SYS_setfsgid,
    SYS_setgroups, SYS_capset, SYS_personality,
    // What processes share by name or number.
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget, SYS_semop,
    SYS_semtimedop, SYS_semctl, SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive, SYS_mq_notify,
    SYS_mq_getsetattr, SYS_add_key, SYS_request_key, SYS_keyctl,
    // The kernel's own doors, and the machine.
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_setup, SYS_io_submit, SYS_io_cancel, SYS_io_getevents,
    SYS_io_destroy, SYS_splice, SYS_tee, SYS_vmsplice, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_kexec_load, SYS_reboot, SYS_acct, SYS_syslog, SYS_vhangup, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
    SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname,
#ifdef __x86_64__
    SYS_link, SYS_symlink, SYS_mknod, SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat,
    SYS_inotify_init, SYS_fork, SYS_vfork, SYS_uselib, SYS__sysctl, SYS_sysfs, SYS_ustat, SYS_modify_ldt, SYS_iopl,
    SYS_ioperm, SYS_create_module, SYS_get_kernel_syms, SYS_query_module, SYS_getpmsg, SYS_putpmsg, SYS_afs_syscall,
    SYS_tuxcall, SYS_security, SYS_vserver, SYS_epoll_ctl_old, SYS_epoll_wait_old, SYS_set_thread_area,
    SYS_get_thread_area,
#endif
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_io_pgetevents
    SYS_io_pgetevents,
#endif
};

// From here on all architectures count alike: what came with Linux 5.1 and later, by number, as the headers that this is
// built with may be older. Refused are signals, io_uring, file systems, other processes, memory without a file's name, and
// opening a file in a way that cannot be seen here.
static const int refused_since[] = {
    424 /* pidfd_send_signal */, 425 /* io_uring_setup */, 426 /* io_uring_enter */, 427 /* io_uring_register */,
    428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */, 431 /* fsconfig */, 432 /* fsmount */, 433 /* fspick */,
    434 /* pidfd_open */, 437 /* openat2 */, 438 /* pidfd_getfd */, 440 /* process_madvise */, 442 /* mount_setattr */,
    443 /* quotactl_fd */, 447 /* memfd_secret */, 448 /* process_mrelease */,
};

// Linux 6.6 begins here, with another fchmodat; calls that set attributes of files and mount file systems followed.
// To whatever came then, or is yet to come, the answer is that of a kernel which does not know it.
#define FIRST_UNKNOWN 452

// Reading and setting what concerns a descriptor or a lock. The rest sends signals to other processes when a file is
// ready, or holds up those who open it.
static const int file_commands[] = {
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK,
    F_OFD_SETLKW,
};

// Names of threads and of memory. Another command lets the process outlive the server.
static const int process_commands[] = {PR_SET_NAME, PR_GET_NAME, 0x53564d41 /* PR_SET_VMA */};

#define COUNT(list) (sizeof list / sizeof list[0])
#define FIELD(name) ((uint32_t)offsetof(struct seccomp_data, name))
// The lower half of an argument; both architectures are little-endian.
#define ARGUMENT(index) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (index)))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define IF(test, value, yes, no) BPF_JUMP(BPF_JMP | BPF_##test | BPF_K, (value), (yes), (no))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define ALLOW ANSWER(SECCOMP_RET_ALLOW)
#define FAIL(error) ANSWER(SECCOMP_RET_ERRNO | (error))
#define REFUSE FAIL(EPERM)
#define NAMESPACES \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define MOST_STEPS 512

struct program {
    struct sock_filter steps[MOST_STEPS];
    size_t count;
};

_Static_assert(
    2 * (COUNT(refused) + COUNT(refused_since) + COUNT(file_commands) + COUNT(process_commands)) + 100 <= MOST_STEPS,
    "there is room for all steps");

static void add(struct program *program, const struct sock_filter *steps, size_t count) {
    for (size_t index = 0; index < count; index++) program->steps[program->count++] = steps[index];
}

static void refuse_calls(struct program *program, const int *calls, size_t count) {
    for (size_t index = 0; index < count; index++) {
        const struct sock_filter steps[] = {IF(JEQ, (uint32_t)calls[index], 0, 1), REFUSE};
        add(program, steps, COUNT(steps));
    }
}

// Lets a call pass whose argument is one of some values, and refuses it otherwise.
static void allow_values(struct program *program, int call, int argument, const int *values, size_t count) {
    const struct sock_filter head[] = {IF(JEQ, (uint32_t)call, 0, (uint8_t)(2 * count + 2)), LOAD(ARGUMENT(argument))};
    add(program, head, COUNT(head));
    for (size_t index = 0; index < count; index++) {
        const struct sock_filter steps[] = {IF(JEQ, (uint32_t)values[index], 0, 1), ALLOW};
        add(program, steps, COUNT(steps));
    }
    const struct sock_filter end = REFUSE;
    add(program, &end, 1);
}

// To cut a file while opening it takes opening it for writing: before Linux 6.2, Landlock lets it be cut otherwise.
static void allow_opening(struct program *program, int call, int flags) {
    const struct sock_filter steps[] = {
        IF(JEQ, (uint32_t)call, 0, 8),
        LOAD(ARGUMENT(flags)),
        IF(JSET, O_TRUNC, 1, 0),
        ALLOW,
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE),
        IF(JEQ, O_WRONLY, 1, 0),
        IF(JEQ, O_RDWR, 0, 1),
        ALLOW,
        REFUSE,
    };
    add(program, steps, COUNT(steps));
}

int sextant_confine_calls(void) {
    const struct sock_filter head[] = {
        LOAD(FIELD(arch)),
        IF(JEQ, ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(FIELD(nr)),
        // The second set of numbers on x86-64 is among these.
        IF(JGE, FIRST_UNKNOWN, 0, 1),
        FAIL(ENOSYS),
        // New threads, and no processes. The C library falls back from the call whose flags cannot be seen here.
        IF(JEQ, SYS_clone3, 0, 1),
        FAIL(ENOSYS),
        IF(JEQ, SYS_clone, 0, 5),
        LOAD(ARGUMENT(0)),
        IF(JSET, NAMESPACES, 1, 0),
        IF(JSET, CLONE_THREAD, 1, 0),
        REFUSE,
        ALLOW,
        // Signals to itself: abort() sends one.
        IF(JEQ, SYS_tgkill, 0, 4),
        LOAD(ARGUMENT(0)),
        IF(JEQ, (uint32_t)getpid(), 1, 0),
        REFUSE,
        ALLOW,
        // Limits may be read and not set.
        IF(JEQ, SYS_prlimit64, 0, 6),
        LOAD(ARGUMENT(2)),
        IF(JEQ, 0, 0, 3),
        LOAD(ARGUMENT(2) + 4),
        IF(JEQ, 0, 0, 1),
        ALLOW,
        REFUSE,
        // Nothing here is a terminal; the rest changes files that are open for reading, and sends signals.
        IF(JEQ, SYS_ioctl, 0, 1),
        FAIL(ENOTTY),
        // Memory that is shared though no file's is not counted as the process's own.
        IF(JEQ, SYS_mmap, 0, 5),
        LOAD(ARGUMENT(3)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MAP_SHARED | MAP_ANONYMOUS),
        IF(JEQ, MAP_SHARED | MAP_ANONYMOUS, 0, 1),
        REFUSE,
        ALLOW,
    };
    struct program program = {.count = 0};
    add(&program, head, COUNT(head));
    allow_opening(&program, SYS_openat, 2);
#ifdef SYS_open
    allow_opening(&program, SYS_open, 1);
#endif
    allow_values(&program, SYS_fcntl, 1, file_commands, COUNT(file_commands));
    allow_values(&program, SYS_prctl, 0, process_commands, COUNT(process_commands));
    refuse_calls(&program, refused, COUNT(refused));
    refuse_calls(&program, refused_since, COUNT(refused_since));
    const struct sock_filter end = ALLOW;
    add(&program, &end, 1);
    const struct sock_fprog filter = {.len = (unsigned short)program.count, .filter = program.steps};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0 ? 0 : errno;
}

#else

int sextant_confine_calls(void) { return ENOSYS; }

#endif
