import ImportCore
import ImportSystem
import Synchronization

/// Sets on whose own files work keeps failing: they cannot be taken, archived or moved. Whether a person is needed, and
/// whether `once` has to wait, is read here.
///
/// Domain: `state` is guarded by its mutex.
final class SetObstacles: Sendable {
  /// What is in the way of one set.
  struct Obstacle: Sendable {
    /// The work that fails: `claim`, `archive`, `return`, `held`, `rejected`.
    var purpose: String
    var error: SystemError
    var tries: Int
    var since: Timestamp

    /// The work that cannot be done with the set.
    var failure: String {
      switch purpose {
      case "claim": "cannot be claimed"
      case "archive": "cannot be archived"
      case "return": "cannot be moved back to work/"
      case "discard": "cannot be deleted"
      default: "cannot be moved to \(purpose)/"
      }
    }
  }

  /// Tries after which a failure is not taken for a passing one.
  static let passingTries = 3
  /// Tries after which a set whose own state is the cause is held.
  static let triesBeforeHold = 6

  private let state = Mutex<[SetID: Obstacle]>([:])

  /// Sets whose work has failed more often than something that passes, by id.
  var all: [(set: SetID, obstacle: Obstacle)] {
    state.withLock { state in
      state.filter { $0.value.tries >= Self.passingTries }.map { ($0.key, $0.value) }
    }
    .sorted { $0.set < $1.set }
  }

  /// The obstacle of a set whose work has failed more often than a passing failure does; nil for others.
  func obstacle(to set: SetID) -> Obstacle? {
    state.withLock { state in state[set].flatMap { $0.tries >= Self.passingTries ? $0 : nil } }
  }

  /// True if the set's work has failed more often than something that passes.
  func obstruct(_ set: SetID) -> Bool {
    state.withLock { ($0[set]?.tries ?? 0) >= Self.passingTries }
  }

  /// Counts a failure, and returns how many there are.
  func note(_ error: SystemError, _ purpose: String, of set: SetID, at now: Timestamp) -> Int {
    state.withLock { state in
      let before = state[set]
      let tries = (before?.tries ?? 0) + 1
      state[set] = Obstacle(purpose: purpose, error: error, tries: tries, since: before?.since ?? now)
      return tries
    }
  }

  /// Forgets the failures of a set. Those of a set whose work was cancelled stay, for the end of the program to see.
  func clear(_ set: SetID) { state.withLock { $0[set] = nil } }
}

extension SystemError {
  /// True if the cause is not the set: a full or failing disk, a read-only mount, a limit of this process.
  var isOfSurroundings: Bool { isNoSpace || isIO || errno == 30 /* EROFS */ || isLimit || isTimeout }
}
