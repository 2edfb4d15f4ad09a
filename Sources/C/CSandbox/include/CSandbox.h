#ifndef SEXTANT_CSANDBOX_H
#define SEXTANT_CSANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Starts a program in a process group of its own, with nothing open but a pipe to write to it and one to read from it.
/// Both ends kept here are non-blocking. Returns 0, or an error number.
int sextant_spawn(
    const char *path, char *const arguments[], char *const environment[], pid_t *process, int *input, int *output);

/// As write(), but without the signal that ends a process which writes into a pipe that nobody reads.
ssize_t sextant_write(int file, const void *bytes, size_t count);

/// read(), and an end at once to a process and its group, under names that are nobody else's.
ssize_t sextant_read(int file, void *bytes, size_t count);
void sextant_kill(pid_t process);

/// The first of the steps by which a process gives up its rights: it dies with the thread that started it, gains no rights
/// from programs, leaves no core file, is what the system ends first when memory is short, and yields to others. What it
/// should not have open is closed before it starts, by sextant_spawn(): here, threads may already use what they opened.
/// Returns 0, or an error number.
int sextant_confine_begin(void);

/// Keeps this thread, and those it makes, from opening all files but those below the given folders, and from changing any
/// but those below the second ones. Does nothing where the kernel has no Landlock. Returns 0, or an error number: EBUSY
/// when there are other threads, which would be kept from nothing.
int sextant_confine_files(
    const char *const readable[], size_t readable_count, const char *const writable[], size_t writable_count);

/// Takes from all threads, for good, sockets, programs, other processes, rights and attributes of files, and what else a
/// computation has no use for.
/// Returns 0, or an error number: ENOSYS where there is no such filter.
int sextant_confine_calls(void);

/// Sets the kernel's limits: bytes of writable memory beyond what is used already, seconds of computing on all
/// processors together, bytes of one file. Returns 0, or an error number.
int sextant_confine_resources(uint64_t memory_bytes, uint64_t processor_seconds, uint64_t file_bytes);

#endif
