import ImportCore
import ImportStorage
import Synchronization

/// The ids of batches that belong to a set already: those of the journal's unfinished sets, of each source's last
/// scheduled sets, and of the last ones that this process created. A server never returns one twice, but a cache between
/// may, and two sets in one batch would be imported as one.
///
/// Domain: the set is guarded by its mutex.
final class SeenBatches: Sendable {
  /// So many ids of earlier batches are kept at least; each has about 100 bytes.
  private static let limit = 10_000

  private struct State {
    var recent: Set<BatchID>
    var older: Set<BatchID> = []
  }

  private let state: Mutex<State>

  /// Begins with the batches that the journal knows.
  init(_ journal: Journal) {
    var known: Set<BatchID> = []
    for delivery in journal.deliveries { known.formUnion(delivery.allBatches) }
    for history in journal.histories.values { known.formUnion(history.batches) }
    state = Mutex(State(recent: known))
  }

  /// Adds an id; false if it was there.
  func insert(_ batch: BatchID) -> Bool {
    state.withLock { state in
      guard !state.older.contains(batch), state.recent.insert(batch).inserted else { return false }
      if state.recent.count >= Self.limit { (state.older, state.recent) = (state.recent, []) }
      return true
    }
  }
}
