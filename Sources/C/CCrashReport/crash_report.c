#include "CCrashReport.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__GLIBC__) || defined(__APPLE__)
#include <execinfo.h>
#define HAS_BACKTRACE 1
#endif

enum { most_frames = 64, report_seconds = 1 };

static const struct {
    int number;
    const char *text;
} faults[] = {
    {SIGILL, "SIGILL: a check of the program failed"},
    {SIGTRAP, "SIGTRAP: a check of the program failed"},
    {SIGSEGV, "SIGSEGV: it touched memory that is not its own"},
    {SIGBUS, "SIGBUS: it touched memory that is not there"},
    {SIGFPE, "SIGFPE: an impossible division"},
    {SIGABRT, "SIGABRT: a library gave up"},
    {SIGQUIT, "SIGQUIT: it was asked to end at once"},
};

static atomic_flag is_reporting = ATOMIC_FLAG_INIT;

static void write_text(const char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        const ssize_t written = write(STDERR_FILENO, text, length);
        if (written <= 0) {
            return;
        }
        text += written;
        length -= (size_t)written;
    }
}

/// Only what may be called in a signal handler.
static void report(int number) {
    if (atomic_flag_test_and_set(&is_reporting)) {
        // Another thread failed too; the first one ends the process.
        while (1) {
            pause();
        }
    }
    // Should the report hang on something that the fault left locked, the process ends all the same.
    signal(SIGALRM, SIG_DFL);
    alarm(report_seconds);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; ++i) {
        if (faults[i].number == number) {
            write_text("sextant crashed with ");
            write_text(faults[i].text);
            write_text("\n");
        }
    }
#ifdef HAS_BACKTRACE
    void *frames[most_frames];
    const int count = backtrace(frames, most_frames);
    write_text("sextant crashed here, to be turned into lines by addr2line -f -e:\n");
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
#endif
    // It is blocked until the handler returns, and then ends the process.
    signal(number, SIG_DFL);
    raise(number);
}

void crash_report_install(void) {
    const char *chosen = getenv("SWIFT_BACKTRACE");
    if (chosen && *chosen) {
        return;
    }
#ifdef HAS_BACKTRACE
    // The first call loads the unwinder, which must not happen in a handler.
    void *frame[1];
    backtrace(frame, 1);
#endif
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = report;
    // On the main thread's other stack, which the Swift runtime has set up, so that a spent one is told as well.
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; ++i) {
        sigaction(faults[i].number, &action, NULL);
    }
}
