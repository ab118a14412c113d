import ImportCore
import Synchronization

/// The slots of one source's uploads: so many sets as `MaxInFlight=` says have one at a time, and the one that arrived first gets the
/// next.
///
/// Domain: guarded by its mutex.
final class UploadSlots: Sendable {
  private struct Seeker {
    var set: SetID
    var arrival: Int
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var holders: Set<SetID> = []
    /// In the order of arrival.
    var seekers: [Seeker] = []

    /// Gives free slots to those who wait longest, who are to be resumed.
    mutating func give(_ limit: Int) -> [Seeker] {
      let given = seekers.prefix(max(limit - holders.count, 0))
      seekers.removeFirst(given.count)
      for seeker in given { holders.insert(seeker.set) }
      return Array(given)
    }
  }

  private let state = Mutex(State())
  private let limit: @Sendable () -> Int

  /// Makes as many slots as `limit` says at each time.
  init(limit: @escaping @Sendable () -> Int) { self.limit = limit }

  /// Waits for a slot; whoever has one keeps it. Throws when the task is cancelled, without a slot, or with one that is to be given back.
  func enter(_ set: SetID, arrival: Int) async throws {
    if state.withLock({ $0.holders.contains(set) }) { return }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let given = state.withLock { state -> [Seeker] in
          let seeker = Seeker(set: set, arrival: arrival, continuation: continuation)
          if Task.isCancelled { return [seeker] }
          let place = state.seekers.firstIndex { $0.arrival > arrival } ?? state.seekers.endIndex
          state.seekers.insert(seeker, at: place)
          return state.give(limit())
        }
        for seeker in given { seeker.continuation.resume() }
      }
    } onCancel: {
      let seeker = state.withLock { state in
        state.seekers.firstIndex { $0.set == set }.map { state.seekers.remove(at: $0) }
      }
      seeker?.continuation.resume()
    }
    try Task.checkCancellation()
  }

  /// Gives the slot back; whoever has none changes nothing.
  func leave(_ set: SetID) {
    let given = state.withLock { state in
      state.holders.remove(set) == nil ? [] : state.give(limit())
    }
    for seeker in given { seeker.continuation.resume() }
  }
}
