/// Shows the thread sanitizer what Swift's `Mutex` does when threads wait for one another. Only in the build for it.
#ifndef HAPLO_CLOCKSIGHT_H
#define HAPLO_CLOCKSIGHT_H

/// How often a thread has waited for another one's lock so far, in this process.
unsigned long haplo_waits_for_locks(void);

#endif
