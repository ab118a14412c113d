/// Swift's own concurrency runtime: the hook by which a program takes over the global executor.
#ifndef HAPLO_CCONCURRENCY_H
#define HAPLO_CCONCURRENCY_H

#include <stdbool.h>

/// Has every job that would go to the global executor handed to `enqueue`, and run by `haplo_run_job` whenever and
/// wherever the program likes. To be called once, before the first task is started. The hook is a variable of
/// libswift_Concurrency with Swift's calling convention, which Swift itself cannot name.
void haplo_take_over_global_executor(void (*enqueue)(void *job));

/// Runs a job that was handed over, on the calling thread.
void haplo_run_job(void *job);

/// Lets the calling thread keep a job that it has made ready while it runs another: a mark of the thread's own, which
/// Swift has no storage for.
void haplo_begin_keeping(void);

/// Marks that the calling thread keeps one; false, without a mark, if it keeps one already or may not.
bool haplo_keep(void);

/// Takes the mark away and says whether there was one.
bool haplo_take_kept(void);

#endif
