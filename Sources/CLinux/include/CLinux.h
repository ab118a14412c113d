/// Linux calls that Swift cannot import as they are: variadic functions, calls that only
/// `_GNU_SOURCE` declares, and macros with arguments. Each says why it is here.
#ifndef HAPLO_CLINUX_H
#define HAPLO_CLINUX_H
#include <getopt.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/types.h>
#include <sys/xattr.h>

/// renameat2(2) with RENAME_NOREPLACE; the flag and the call need _GNU_SOURCE.
int haplo_rename_noreplace(int from, const char *name, int to, const char *new_name);

/// openat(2) with a mode, which is variadic.
int haplo_open_at(int directory, const char *name, int flags, unsigned int mode);

/// openat2(2) with a path of several components, of which none may be a symbolic link or lead out of the directory; glibc
/// has no wrapper. -1 with errno; ENOSYS before Linux 5.6, and ENOSYS or EPERM in a sandbox that does not know it.
int haplo_open_below(int directory, const char *path, int flags);

/// getdents64(2), which needs _GNU_SOURCE. Unlike readdir(3) it has no hidden state and takes a
/// buffer of any size.
ssize_t haplo_getdents(int directory, void *buffer, size_t size);

/// fcntl(2) F_SETLEASE with F_RDLCK and at once F_UNLCK; fcntl is variadic. Returns 0 when the lease
/// was granted (nobody writes), else errno.
int haplo_probe_writers(int file);

/// fcntl(2) F_SETLEASE with F_RDLCK. Returns 0 when the lease was granted, and the error number otherwise.
int haplo_take_read_lease(int file);

/// fcntl(2) F_GETLEASE: 1 while a read lease is held that no writer waits for.
int haplo_has_read_lease(int file);

/// fcntl(2) F_SETLEASE with F_UNLCK; a writer that waits goes on.
void haplo_release_lease(int file);

/// fcntl(2) F_OFD_SETLK over the whole file, for writing; fcntl is variadic. 0, or -1 with errno.
int haplo_lock(int file);

/// fcntl(2) F_OFD_GETLK: 1 when someone else holds the lock, 0 when nobody does, -1 with errno.
int haplo_is_locked(int file);

/// sigaction(2) with SIG_IGN, a macro that casts an integer to a function pointer.
int haplo_ignore_signal(int signal);

/// strerrordesc_np(3), which needs _GNU_SOURCE: not translated, safe in threads, NULL for unknown numbers.
const char *haplo_error_text(int number);

/// pthread_setname_np(3), which needs _GNU_SOURCE, for the calling thread. At most 15 bytes are kept.
void haplo_name_this_thread(const char *name);

/// getopt_long(3) for one option after another, silent about errors: its header is not in Swift's Glibc
/// module, and its state is in global variables, which are kept here. `*next` is 0 before the first call and
/// then the index of the next argument; `*argument` becomes the option's argument or NULL. One thread only.
int haplo_next_option(int count, char *const *arguments, const char *letters, const struct option *names,
                      const char **argument, int *next);

/// sem_clockwait(3) by CLOCK_MONOTONIC, which needs _GNU_SOURCE; `deadline` in nanoseconds. 0, or errno.
int haplo_wait_until(sem_t *semaphore, int64_t deadline);

/// ioprio_set(2) for the calling process with the idle class; glibc has no wrapper. 0, or -1 with errno.
int haplo_be_idle_on_disk(void);

/// socket(2) for a local stream that does not block and is closed on exec; its flags are an enum in glibc.
int haplo_socket(void);

/// fcntl(2) to make a descriptor block again; fcntl is variadic. 0, or -1 with errno.
int haplo_set_blocking(int descriptor);

/// accept4(2), which needs _GNU_SOURCE: the new descriptor blocks and is closed on exec. -1 when nobody waits.
int haplo_accept(int listener);

/// getsockopt(2) SO_PEERCRED, whose struct ucred needs _GNU_SOURCE. 0 with the user's number, or -1 with errno.
int haplo_peer_user(int socket, uint32_t *user);

/// Reads user id and process id of a socket's peer (SO_PEERCRED); the process id is 0 outside this namespace.
int haplo_peer(int socket, uint32_t *user, int32_t *process);

/// bind(2) and connect(2) to an abstract address (unix(7)), which begins with a NUL that no C string can hold. 0, or -1 with errno.
int haplo_bind_abstract(int socket, const char *name);
int haplo_connect_abstract(int socket, const char *name);

/// ioctl(2) TIOCGWINSZ on standard output; ioctl is variadic. 0, or -1 where it is no terminal.
int haplo_window_size(uint16_t *columns, uint16_t *rows);

/// capget(2), which has no wrapper: 1 when the calling thread has this capability in effect, else 0.
int haplo_has_capability(int capability);

/// setuid(2) for the whole process of root, which becomes another user for good. The calling thread, and each that it starts
/// afterwards, keeps CAP_FOWNER and CAP_LEASE, as far as the process has them; all other threads lose every capability, because
/// PR_SET_KEEPCAPS is a thread's own. 0, or -1 with errno.
int haplo_become_user(uid_t user);

#endif
