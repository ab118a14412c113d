#include "CCurl.h"
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

// The states of a connection by the kernel's numbers, which no header shares with <linux/tcp.h>.
enum { CLOSED = 7, CLOSE_WAIT = 8, LAST_ACK = 9 };

int haplo_tcp_progress(int socket, uint64_t *acknowledged, int *peer_has_closed) {
  struct tcp_info info;
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
  if (size < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) return -1;
  *acknowledged = info.tcpi_bytes_acked;
  *peer_has_closed = info.tcpi_state == CLOSE_WAIT || info.tcpi_state == LAST_ACK;
  if (info.tcpi_state == CLOSED) {
    int error = 0;
    size = sizeof error;
    // A reset ends a connection with EPIPE if the peer had closed its side before, else with ECONNRESET.
    if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0) *peer_has_closed = error == EPIPE;
  }
  return 0;
}
