#include "CLockSight.h"

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// A lock that is free is taken, and given back, by an atomic operation that the compiler puts into our own code, where
// the sanitizer sees it. If two threads meet, the rest happens in libswiftSynchronization, which is not built for the
// sanitizer: the order that the lock gives remains unseen, and everything it guards looks like a race. The program's
// own functions come before a library's, so these three stand in front of the library's, and say what they know.
//
// The names are Swift's own and private. If they change, these functions are never called, and the control
// (Tests/Sanitizers/sanitize.sh) fails.
#define SWIFT_CALL __attribute__((swiftcall))
#define LOCK __attribute__((swift_context)) void *lock
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT_CALL void lock_slow_function(uint32_t thread, LOCK);
typedef SWIFT_CALL bool try_lock_slow_function(LOCK);
typedef SWIFT_CALL void unlock_slow_function(LOCK);

lock_slow_function haplo_lock_slow __asm__(LOCK_SLOW);
try_lock_slow_function haplo_try_lock_slow __asm__(TRY_LOCK_SLOW);
unlock_slow_function haplo_unlock_slow __asm__(UNLOCK_SLOW);

static unsigned long waits;

unsigned long haplo_waits_for_locks(void) { return __atomic_load_n(&waits, __ATOMIC_RELAXED); }

static void *of_library(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function) return function;
  fprintf(stderr, "thread sanitizer: no %s in libswiftSynchronization\n", name);
  abort();
}

SWIFT_CALL void haplo_lock_slow(uint32_t thread, LOCK) {
  ((lock_slow_function *)of_library(LOCK_SLOW))(thread, lock);
  __tsan_acquire(lock);
  __atomic_fetch_add(&waits, 1, __ATOMIC_RELAXED);
}

SWIFT_CALL bool haplo_try_lock_slow(LOCK) {
  bool is_taken = ((try_lock_slow_function *)of_library(TRY_LOCK_SLOW))(lock);
  if (is_taken) __tsan_acquire(lock);
  return is_taken;
}

SWIFT_CALL void haplo_unlock_slow(LOCK) {
  __tsan_release(lock);
  ((unlock_slow_function *)of_library(UNLOCK_SLOW))(lock);
}
