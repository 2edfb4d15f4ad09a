#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <time.h>
#include <unistd.h>

ssize_t sextant_read(int file, void *bytes, size_t count) {
    return read(file, bytes, count);
}

void sextant_kill(pid_t process) {
    kill(-process, SIGKILL);
    kill(process, SIGKILL);
}

#ifdef __linux__

ssize_t sextant_write(int file, const void *bytes, size_t count) {
    sigset_t pipes, before, pending;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipes, &before);
    ssize_t written = write(file, bytes, count);
    int error = errno;
    if (written < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE)) {
        const struct timespec now = {0};
        while (sigtimedwait(&pipes, NULL, &now) == -1 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return written;
}

static int describe_files(posix_spawn_file_actions_t *files, int input, int output) {
    int error = posix_spawn_file_actions_adddup2(files, input, STDIN_FILENO);
    if (!error) error = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
    if (!error) error = posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(files, 3);
    return error;
}

// The server ignores or blocks some signals; the program begins with none of that.
static int describe_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!error) error = posix_spawnattr_setpgroup(attributes, 0);
    if (!error) error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error) error = posix_spawnattr_setsigdefault(attributes, &all);
    return error;
}

static int spawn(
    const char *path, char *const arguments[], char *const environment[], int input, int output, pid_t *process) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&files);
    if (error) return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = describe_files(&files, input, output);
        if (!error) error = describe_attributes(&attributes);
        if (!error) error = posix_spawn(process, path, &files, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

int sextant_spawn(
    const char *path, char *const arguments[], char *const environment[], pid_t *process, int *input, int *output) {
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0) return errno;
    if (pipe2(from, O_CLOEXEC) != 0) {
        int error = errno;
        close(to[0]);
        close(to[1]);
        return error;
    }
    int error = spawn(path, arguments, environment, to[0], from[1], process);
    close(to[0]);
    close(from[1]);
    if (!error && (fcntl(to[1], F_SETFL, O_NONBLOCK) != 0 || fcntl(from[0], F_SETFL, O_NONBLOCK) != 0)) {
        error = errno;
        kill(*process, SIGKILL);
    }
    if (error) {
        close(to[1]);
        close(from[0]);
        return error;
    }
    *input = to[1];
    *output = from[0];
    return 0;
}

#else

ssize_t sextant_write(int file, const void *bytes, size_t count) {
    return write(file, bytes, count);
}

int sextant_spawn(
    const char *path, char *const arguments[], char *const environment[], pid_t *process, int *input, int *output) {
    (void)path, (void)arguments, (void)environment, (void)process, (void)input, (void)output;
    return ENOSYS;
}

#endif
