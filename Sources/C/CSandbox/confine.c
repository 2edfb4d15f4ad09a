#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
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

// A number that the kernel tells of this process; 0 when it tells none.
static uint64_t status_number(const char *name) {
    char text[8192];
    ssize_t length = pread(status_file, text, sizeof text - 1, 0);
    if (length <= 0) return 0;
    text[length] = 0;
    const char *line = strstr(text, name);
    return line == NULL ? 0 : strtoull(line + strlen(name), NULL, 10);
}

int sextant_confine_begin(void) {
    status_file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (status_file < 0) return errno;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    be_first_to_go();
    return set_limit(RLIMIT_CORE, 0);
}

// Rights that later versions of Landlock know: to give a file another folder, to cut one, to command a device.
#define REFER (1ULL << 13)
#define TRUNCATE (1ULL << 14)
#define DEVICE_COMMANDS (1ULL << 15)

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING \
    (READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | TRUNCATE)
// All that a version of Landlock knows: whatever is handled and not allowed is refused.
static uint64_t handled_rights(long version) {
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    if (version >= 2) rights |= REFER;
    if (version >= 3) rights |= TRUNCATE;
    if (version >= 5) rights |= DEVICE_COMMANDS;
    return rights;
}

static int allow(int ruleset, const char *path, uint64_t rights, uint64_t handled) {
    struct landlock_path_beneath_attr rule = {.allowed_access = rights & handled};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0) return errno;
    struct stat status;
    if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode)) {
        rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE;
    }
    int result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0 ? 0 : errno;
    close(rule.parent_fd);
    return result;
}

int sextant_confine_files(
    const char *const readable[], size_t readable_count, const char *const writable[], size_t writable_count) {
    if (status_number("Threads:") != 1) return EBUSY;
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return 0;
    uint64_t handled = handled_rights(version);
    struct landlock_ruleset_attr attributes = {.handled_access_fs = handled};
    // The structure has grown since the first version, which is all that is used of it.
    int ruleset = (int)syscall(
        SYS_landlock_create_ruleset, &attributes, sizeof(attributes.handled_access_fs), 0);
    if (ruleset < 0) return errno;
    int error = 0;
    for (size_t index = 0; index < readable_count && !error; index++) {
        error = allow(ruleset, readable[index], READING, handled);
    }
    for (size_t index = 0; index < writable_count && !error; index++) {
        error = allow(ruleset, writable[index], WRITING, handled);
    }
    if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) error = errno;
    close(ruleset);
    return error;
}

// Bytes of writable memory in use, as RLIMIT_DATA counts them.
static uint64_t data_bytes(void) { return status_number("VmData:") * 1024; }

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
