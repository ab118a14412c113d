/// libmicrohttpd for Swift. `MHD_start_daemon` and the functions that ask for information are variadic
/// and cannot be imported; here stands one typed function for each use. Beside them what else the
/// simulator needs and cannot have from Swift's Glibc module.
#ifndef HAPLO_CMICROHTTPD_H
#define HAPLO_CMICROHTTPD_H
#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>

/// MHD_start_daemon, variadic: listens on 127.0.0.1, one thread a connection, with TLS when there is a
/// certificate. Port 0 takes a free one. NULL with errno (0 when MHD itself refused, for example the key).
struct MHD_Daemon *haplo_mhd_start(
    uint16_t port, const char *certificate, const char *key, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *closure);

/// MHD_get_daemon_info, variadic: the port it listens on.
uint16_t haplo_mhd_port(struct MHD_Daemon *daemon);

/// MHD_get_connection_info, variadic: the connection's socket, -1 when there is none.
int haplo_mhd_socket(struct MHD_Connection *connection);

/// MHD_get_connection_info, variadic: bytes of the request line and the headers.
size_t haplo_mhd_header_size(struct MHD_Connection *connection);

/// MHD_get_connection_info, variadic: the client's address as text, 46 bytes at most.
void haplo_mhd_address(struct MHD_Connection *connection, char *text, size_t size);

/// memmem(3), which needs _GNU_SOURCE.
const void *haplo_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count);

/// clock_gettime(2), CLOCK_REALTIME: the module that declares `timespec` to Swift is another one when the Swift
/// runtime is linked statically, and the strict import rules refuse it there.
int64_t haplo_microseconds_now(void);

#endif
