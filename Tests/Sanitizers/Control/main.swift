import CLockSight
import Glibc
import ImportSystem
import Synchronization

// The control of the thread sanitizer's runs: what is guarded must not be reported, and what is not must be.
//
// Usage: haplo-race guarded|unguarded|passed

/// What two threads count in: some of it under the lock.
private final class Shared: Sendable {
  nonisolated(unsafe) var unguarded = [0]
  let guarded = Mutex([0])
  let ended = Mutex(0)

  /// Counts until threads have waited for the lock often enough to have shown something.
  func count(everything isGuarded: Bool) {
    while haplo_waits_for_locks() < 1000 {
      guarded.withLock { $0[0] += 1 }
      if !isGuarded { unguarded[0] += 1 }
    }
    ended.withLock { $0 += 1 }
  }
}

/// Counts without a lock: its turn comes by the program's own executor.
private actor Turns {
  private var count = [0]
  func take() { count[0] += 1 }
  var taken: Int { count[0] }
}

private func race(guarded isGuarded: Bool) async throws {
  let pool = try WorkerPool(name: "haplo-race", threads: 2)
  let shared = Shared()
  await withTaskGroup { group in
    for _ in 0..<2 { group.addTask { await pool.run { shared.count(everything: isGuarded) } } }
  }
  precondition(shared.ended.withLock { $0 } == 2)
}

/// What goes from task to task: through an actor, a continuation of a worker and the timer's thread.
private func pass() async throws {
  let pool = try WorkerPool(name: "haplo-race", threads: 2)
  let turns = Turns()
  await withTaskGroup { group in
    for _ in 0..<8 {
      group.addTask {
        for _ in 0..<100 {
          var made = await pool.run { [1, 2, 3] }
          await TimerThread.shared.sleep(until: TimerThread.now + 10_000)
          made[0] += 1
          await turns.take()
        }
      }
    }
  }
  let taken = await turns.taken
  precondition(taken == 800)
}

MainThread.prepare()
let status: Int32 = MainThread.run {
  do {
    switch CommandLine.arguments.dropFirst().first {
    case "guarded": try await race(guarded: true)
    case "unguarded": try await race(guarded: false)
    case "passed": try await pass()
    default: return 64
    }
    return 0
  } catch {
    print("haplo-race: \(error)")
    return 71
  }
}
exit(status)
