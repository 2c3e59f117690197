/*
 * Writes down in which order one process writes to files, has them synced, and writes to sockets: see shim.ts. An entry of 24 bytes
 * each, appended to the file that TRACE_SHIM names: the monotonic clock in nanoseconds when the call had returned, what it was,
 * and the file descriptor.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FILE_WRITTEN = 1, FILE_SYNCED = 2, SOCKET_WRITTEN = 3 };

static int trace = -1;

__attribute__((constructor)) static void open_trace(void) {
  const char *path = getenv("TRACE_SHIM");
  if (path != NULL) trace = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void note(int64_t what, int file) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t entry[3] = {now.tv_sec * 1000000000LL + now.tv_nsec, what, file};
  if (trace >= 0) syscall(SYS_write, trace, entry, sizeof entry);
}

/* Before a socket is written to: the answer may be read before the call returns. */
static int is_socket(int file) {
  struct stat about;
  if (fstat(file, &about) != 0 || !S_ISSOCK(about.st_mode)) return 0;
  note(SOCKET_WRITTEN, file);
  return 1;
}

static void wrote(int file) {
  struct stat about;
  if (fstat(file, &about) == 0 && S_ISREG(about.st_mode)) note(FILE_WRITTEN, file);
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t length) {
  REAL(write);
  int socket = is_socket(file);
  ssize_t result = real(file, bytes, length);
  if (!socket) wrote(file);
  return result;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev);
  int socket = is_socket(file);
  ssize_t result = real(file, parts, count);
  if (!socket) wrote(file);
  return result;
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  REAL(pwrite64);
  ssize_t result = real(file, bytes, length, at);
  wrote(file);
  return result;
}

int fsync(int file) {
  REAL(fsync);
  int result = real(file);
  if (result == 0) note(FILE_SYNCED, file);
  return result;
}

int fdatasync(int file) {
  REAL(fdatasync);
  int result = real(file);
  if (result == 0) note(FILE_SYNCED, file);
  return result;
}
