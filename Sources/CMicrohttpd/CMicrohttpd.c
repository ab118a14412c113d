// The header says why each function is here.
#define _GNU_SOURCE
#include "CMicrohttpd.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

// What a connection reads at once is a part of its pool: large enough for fast uploads.
static const size_t pool_size = 1024 * 1024;

struct MHD_Daemon *haplo_mhd_start(
    uint16_t port, const char *certificate, const char *key, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *closure) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                   MHD_USE_ITC | (certificate ? MHD_USE_TLS : 0);
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key},
      {MHD_OPTION_END, 0, NULL},
  };
  if (!certificate) tls[0].option = MHD_OPTION_END;
  errno = 0;
  return MHD_start_daemon(
      flags, port, NULL, NULL, handler, closure, MHD_OPTION_SOCK_ADDR, &address,
      MHD_OPTION_NOTIFY_COMPLETED, completed, closure, MHD_OPTION_CONNECTION_MEMORY_LIMIT, pool_size,
      MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

uint16_t haplo_mhd_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

int haplo_mhd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

size_t haplo_mhd_header_size(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info ? info->header_size : 0;
}

void haplo_mhd_address(struct MHD_Connection *connection, char *text, size_t size) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  text[0] = 0;
  if (!info || !info->client_addr || info->client_addr->sa_family != AF_INET) return;
  const struct sockaddr_in *client = (const struct sockaddr_in *)info->client_addr;
  (void)inet_ntop(AF_INET, &client->sin_addr, text, (socklen_t)size);
}

const void *haplo_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count) {
  return memmem(bytes, count, wanted, wanted_count);
}

int64_t haplo_microseconds_now(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
