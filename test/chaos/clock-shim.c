/*
 * Moves the wall clock of one process, see shim.ts: by as many milliseconds as the file that CLOCK_SHIM names says in eight bytes.
 * Monotonic clocks are left alone. libfaketime would do for Node.js, but ends redis-server.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MAX_NANOSECONDS 1000000000L

static volatile int64_t *offset_ms;

__attribute__((constructor)) static void map_offset(void) {
  const char *path = getenv("CLOCK_SHIM");
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) offset_ms = mapped;
}

static void move(time_t *seconds, long *nanoseconds) {
  int64_t by = offset_ms == NULL ? 0 : *offset_ms;
  *seconds += by / 1000;
  *nanoseconds += (by % 1000) * 1000000;
  if (*nanoseconds >= MAX_NANOSECONDS) {
    *nanoseconds -= MAX_NANOSECONDS;
    *seconds += 1;
  }
  if (*nanoseconds < 0) {
    *nanoseconds += MAX_NANOSECONDS;
    *seconds -= 1;
  }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) move(&now->tv_sec, &now->tv_nsec);
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec precise;
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return (time_t)-1;
  if (now != NULL) *now = precise.tv_sec;
  return precise.tv_sec;
}
