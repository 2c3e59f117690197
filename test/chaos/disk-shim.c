/*
 * Fills the disk under one process, see shim.ts: while the eight bytes of the file that DISK_SHIM names are not 0, nothing can be
 * written into a regular file, nor can one grow. For where nobody may mount a small disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile int64_t *full;

__attribute__((constructor)) static void map_flag(void) {
  const char *path = getenv("DISK_SHIM");
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) full = mapped;
}

static int refuses(int file) {
  struct stat about;
  if (full == NULL || *full == 0 || fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return 0;
  errno = ENOSPC;
  return 1;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
  if (refuses(file)) return -1

ssize_t write(int file, const void *bytes, size_t length) {
  REAL(write);
  return real(file, bytes, length);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev);
  return real(file, parts, count);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
  REAL(pwrite);
  return real(file, bytes, length, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  REAL(pwrite64);
  return real(file, bytes, length, at);
}

int fallocate(int file, int mode, off_t from, off_t length) {
  REAL(fallocate);
  return real(file, mode, from, length);
}

int fallocate64(int file, int mode, off64_t from, off64_t length) {
  REAL(fallocate64);
  return real(file, mode, from, length);
}
