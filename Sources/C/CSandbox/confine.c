#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__

#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int set_limit(int resource, uint64_t value) {
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
    struct rlimit current;
    if (getrlimit((__rlimit_resource_t)resource, &current) != 0) return errno;
    if (current.rlim_max < limit.rlim_max) limit.rlim_cur = limit.rlim_max = current.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0 ? 0 : errno;
}

// Not being able to step back behind other processes is no reason to refuse work.
static void be_first_to_go(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        if (write(file, "1000", 4) < 0) errno = 0;
        close(file);
    }
    if (nice(5) == -1) errno = 0;
}

// Open from the beginning: later no file but a few can be opened.
static int status_file = -1;

int sextant_confine_begin(void) {
    if (close_range(3, ~0U, 0) != 0) return errno;
    status_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (status_file < 0) return errno;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    be_first_to_go();
    return set_limit(RLIMIT_CORE, 0);
}

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING \
    (READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR)
// All that the first version of Landlock knows: whatever is handled and not allowed is refused.
#define HANDLED ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static int allow(int ruleset, const char *path, uint64_t rights) {
    struct landlock_path_beneath_attr rule = {.allowed_access = rights};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0) return errno;
    struct stat status;
    if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode)) {
        rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
    }
    int result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0 ? 0 : errno;
    close(rule.parent_fd);
    return result;
}

int sextant_confine_files(
    const char *const readable[], size_t readable_count, const char *const writable[], size_t writable_count) {
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1) return 0;
    struct landlock_ruleset_attr attributes = {.handled_access_fs = HANDLED};
    // The structure has grown since the first version, which is all that is used of it.
    int ruleset = (int)syscall(
        SYS_landlock_create_ruleset, &attributes, sizeof(attributes.handled_access_fs), 0);
    if (ruleset < 0) return errno;
    int error = 0;
    for (size_t index = 0; index < readable_count && !error; index++) error = allow(ruleset, readable[index], READING);
    for (size_t index = 0; index < writable_count && !error; index++) error = allow(ruleset, writable[index], WRITING);
    if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) error = errno;
    close(ruleset);
    return error;
}

// Bytes of writable memory in use, as RLIMIT_DATA counts them.
static uint64_t data_bytes(void) {
    char text[8192];
    ssize_t length = pread(status_file, text, sizeof text - 1, 0);
    if (length <= 0) return 0;
    text[length] = 0;
    const char *line = strstr(text, "VmData:");
    unsigned long long kilobytes = 0;
    if (line == NULL || sscanf(line, "VmData: %llu kB", &kilobytes) != 1) return 0;
    return kilobytes * 1024;
}

int sextant_confine_resources(uint64_t memory_bytes, uint64_t processor_seconds, uint64_t file_bytes) {
    int error = set_limit(RLIMIT_DATA, data_bytes() + memory_bytes);
    if (!error) error = set_limit(RLIMIT_CPU, processor_seconds);
    if (!error) error = set_limit(RLIMIT_FSIZE, file_bytes);
    if (!error) error = set_limit(RLIMIT_NOFILE, 4096);
    return error;
}

#else

int sextant_confine_begin(void) { return ENOSYS; }

int sextant_confine_files(
    const char *const readable[], size_t readable_count, const char *const writable[], size_t writable_count) {
    (void)readable, (void)readable_count, (void)writable, (void)writable_count;
    return ENOSYS;
}

int sextant_confine_resources(uint64_t memory_bytes, uint64_t processor_seconds, uint64_t file_bytes) {
    (void)memory_bytes, (void)processor_seconds, (void)file_bytes;
    return ENOSYS;
}

#endif
