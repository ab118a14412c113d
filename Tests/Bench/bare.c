// What no single thread can be faster than that keeps the same promise: for each folder that is moved into a directory, the calls
// that the daemon makes before its first request, with the same syncs before it, one after another and with nothing in between but
// hashing: it checks nothing, decides nothing, and understands no JSON.
//
// Usage: bare DROP WORK JOURNAL PORT. Ends when the server closes the connection.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 16, CLAIM_RECORD = 470, READ_RECORDS = 1300 };

static int must(int result, const char *what) {
  if (result < 0) err(1, "%s", what);
  return result;
}

static int open_directory(int parent, const char *path) {
  return must(openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path);
}

static int connect_to(const char *port) {
  int connection = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"), one = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(atoi(port)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  must(connect(connection, (struct sockaddr *)&address, sizeof address), "connect");
  must(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "TCP_NODELAY");
  return connection;
}

static void ask(int connection, const char *step) {
  static const char body[] = "identifier=none";
  char text[512];
  int length = snprintf(text, sizeof text,
                        "POST /api/haplo-data-import-batch/%s HTTP/1.1\r\nHost: localhost\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
                        step, strlen(body), body);
  must(send(connection, text, length, MSG_NOSIGNAL), "send");
  ssize_t got = recv(connection, text, sizeof text, 0);
  if (got <= 0) exit(0);
}

// Lists a folder, opens each file, looks what it is, and asks the kernel whether anybody writes to it.
static int judge(int folder, int files[MOST_FILES]) {
  int count = 0;
  struct stat status;
  DIR *entries = fdopendir(must(dup(folder), "dup"));
  for (struct dirent *entry; entries && (entry = readdir(entries));) {
    if (entry->d_name[0] == '.' || count == MOST_FILES) continue;
    int file = must(openat(folder, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), entry->d_name);
    must(fstat(file, &status), "fstat");
    must(fcntl(file, F_SETLEASE, F_RDLCK), "F_SETLEASE");
    must(fcntl(file, F_SETLEASE, F_UNLCK), "F_SETLEASE");
    files[count++] = file;
  }
  closedir(entries);
  return count;
}

static void hash(EVP_MD_CTX *digest, int file) {
  static unsigned char block[1 << 18], result[EVP_MAX_MD_SIZE];
  unsigned length;
  EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
  ssize_t got = must(pread(file, block, sizeof block, 0), "pread");
  EVP_DigestUpdate(digest, block, got);
  EVP_DigestFinal_ex(digest, result, &length);
}

int main(int count, char **arguments) {
  if (count != 5) errx(2, "usage: bare DROP WORK JOURNAL PORT");
  static char record[READ_RECORDS];
  memset(record, 'x', sizeof record);
  signal(SIGIO, SIG_IGN);
  int drop = open_directory(AT_FDCWD, arguments[1]), work = open_directory(AT_FDCWD, arguments[2]);
  int journal = must(open(arguments[3], O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600), arguments[3]);
  int events = must(inotify_init1(IN_CLOEXEC), "inotify_init1");
  must(inotify_add_watch(events, arguments[1], IN_MOVED_TO), arguments[1]);
  int connection = connect_to(arguments[4]);
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  for (;;) {
    _Alignas(struct inotify_event) char buffer[4096];
    must(read(events, buffer, sizeof buffer), "read");
    const char *name = ((struct inotify_event *)buffer)->name;
    int files[MOST_FILES], folder = open_directory(drop, name);
    int found = judge(folder, files);
    must(write(journal, record, CLAIM_RECORD), "write");
    must(fdatasync(journal), "fdatasync");
    must(mkdirat(work, name, 0750), "mkdir");
    int own = open_directory(work, name);
    must(renameat2(drop, name, own, "files", RENAME_NOREPLACE), "rename");
    must(fsync(own), "fsync"), must(fsync(work), "fsync"), must(fsync(drop), "fsync");
    for (int file = 0; file < found; file++) {
      hash(digest, files[file]);
      must(fdatasync(files[file]), "fdatasync"), close(files[file]);
    }
    ask(connection, "batch");
    must(write(journal, record, READ_RECORDS), "write");
    must(fdatasync(journal), "fdatasync");
    ask(connection, "schedule");
    close(own), close(folder);
  }
}
