import ImportCore
import Synchronization

/// Lets a source's sets wait to be the head of its queue, which is the one that may be scheduled. The journal says who that is.
///
/// Domain: guarded by its mutex.
final class HeadOfQueue: Sendable {
  private let seekers = Mutex<[SetID: CheckedContinuation<Void, Never>]>([:])
  private let head: @Sendable () -> SetID?

  /// Takes what says who the head is.
  init(_ head: @escaping @Sendable () -> SetID?) { self.head = head }

  /// Returns when the set may have become the head, or the task is cancelled: a hint, to be compared with the journal.
  func wait(for set: SetID) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = seekers.withLock { seekers in
          if Task.isCancelled { return true }
          seekers[set] = continuation
          return false
        }
        if isOver { return continuation.resume() }
        // The queue may have moved on between the last look and this place.
        changed()
      }
    } onCancel: {
      resume(set)
    }
  }

  /// The queue has moved on: its head's turn may have come.
  func changed() {
    if let head = head() { resume(head) }
  }

  private func resume(_ set: SetID) { seekers.withLock { $0.removeValue(forKey: set) }?.resume() }
}
