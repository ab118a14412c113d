#include "CConcurrency.h"

#define SWIFT_CALL __attribute__((swiftcall))

typedef SWIFT_CALL void (*original_enqueue)(void *job);
extern SWIFT_CALL void (*swift_task_enqueueGlobal_hook)(void *job, original_enqueue original);
extern SWIFT_CALL void swift_job_run(void *job, void *executor_identity, void *executor_implementation);

static void (*taken_over)(void *job);

static SWIFT_CALL void enqueue(void *job, original_enqueue original) {
  (void)original;
  taken_over(job);
}

void haplo_take_over_global_executor(void (*function)(void *job)) {
  taken_over = function;
  swift_task_enqueueGlobal_hook = enqueue;
}

// Both words zero: the generic executor, on which whatever has no executor of its own runs.
void haplo_run_job(void *job) { swift_job_run(job, 0, 0); }

static _Thread_local enum { no_worker, keeps_none, keeps_one } kept = no_worker;

void haplo_begin_keeping(void) { kept = keeps_none; }

bool haplo_keep(void) {
  if (kept != keeps_none) return false;
  kept = keeps_one;
  return true;
}

bool haplo_take_kept(void) {
  if (kept != keeps_one) return false;
  kept = keeps_none;
  return true;
}
