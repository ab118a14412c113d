/// The system calls of a simulated machine. While the simulation is on, the functions of the C library that reach files,
/// sockets, clocks and random numbers end in the functions declared here, which the program defines. Each returns what the
/// system call returns, and a negative error number for a failure.
#ifndef HAPLO_CSIMULATION_H
#define HAPLO_CSIMULATION_H

#include <poll.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>

/// Descriptors of the simulated machine begin here; smaller ones are the real kernel's.
enum { simulation_first_descriptor = 1 << 20 };

/// Takes the C library's calls over, from the calling moment on.
void simulation_begin(void);

/// Starts this program again without randomised addresses and with deterministic hashing; returns only if that is so already.
void simulation_settle(char **arguments);

/// Lets the process end with SIGALRM after so many seconds of processor time.
void simulation_limit_processor(int seconds);

/// Starts a second process that goes on from here; its number, or 0 in the second process.
int simulation_fork(void);

/// Waits in real time until a real descriptor can be read; 0 if it cannot after so many seconds.
int simulation_wait_for(int file, int seconds);

/// Milliseconds of the real monotonic clock.
int64_t simulation_real_milliseconds(void);

long sim_open(int directory, const char *path, int flags, unsigned mode);
long sim_close(int file);
long sim_read(int file, void *buffer, size_t count);
long sim_write(int file, const void *buffer, size_t count);
long sim_pread(int file, void *buffer, size_t count, long offset);
long sim_pwrite(int file, const void *buffer, size_t count, long offset);
long sim_seek(int file, long offset, int whence);
long sim_stat(int directory, const char *path, int flags, struct stat *status);
long sim_mkdir(int directory, const char *path, unsigned mode);
long sim_rename(int from, const char *path, int to, const char *new_path, unsigned flags);
long sim_link(int from, const char *path, int to, const char *new_path);
long sim_unlink(int directory, const char *path, int flags);
long sim_sync(int file, int data_only);
long sim_truncate(int file, long length);
long sim_chmod(int file, const char *path, unsigned mode);
long sim_touch(int file);
long sim_access(int directory, const char *path);
long sim_list(int file, void *buffer, size_t size);
long sim_statfs(int file, struct statfs *figures);
long sim_flock(int file, int operation);
long sim_fcntl(int file, int command, long argument);
long sim_inotify(void);
long sim_watch(int inotify, const char *path);
long sim_unwatch(int inotify, int watch);
long sim_eventfd(void);
long sim_signalfd(void);
long sim_poll(struct pollfd *entries, unsigned long count);
long sim_socket(void);
long sim_bind(int socket, const void *address, unsigned length);
long sim_accept(int socket);
long sim_receive(int socket, void *buffer, size_t count);
long sim_send(int socket, const void *buffer, size_t count);
long sim_hang_up(int socket);
long sim_realpath(const char *path);
void sim_clock(int clock, struct timespec *time);
void sim_random(void *buffer, size_t count);

#endif
