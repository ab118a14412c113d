import Glibc
import ImportSystem
import Synchronization

/// A disk that a test can let fail: one exact call, or every call from one on, as when the machine has died.
final class Disk: Sendable {
  /// When a call fails.
  struct Failure: Sendable {
    var errno: Int32
    /// Which calls; the first that matches is the first to fail.
    var matches: @Sendable (FileOperation) -> Bool
    /// How many of those that match fail.
    var times: Int = 1
  }

  private struct State {
    var changes = 0
    var deathAt: Int?
    var diesAfterCall = false
    var isDead = false
    var failures: [Failure] = []
    var failed: [FileOperation] = []
    var onDeath: (@Sendable () -> Void)?
    var last: FileOperation?
  }

  private let counting: @Sendable (FileOperation) -> Bool
  private let state = Mutex(State())

  /// The door to it.
  var fileSystem: FileSystem {
    FileSystem { [self] operation throws(SystemError) in try check(operation) }
  }

  /// Lets everything fail from the `number`th call on that counts, or from the one after it.
  init(
    dyingAt number: Int? = nil, afterCall: Bool = false,
    counting: @escaping @Sendable (FileOperation) -> Bool = { $0.kind.changes }
  ) {
    self.counting = counting
    state.withLock {
      $0.deathAt = number
      $0.diesAfterCall = afterCall
    }
  }

  /// Lets calls fail.
  func add(_ failure: Failure) { state.withLock { $0.failures.append(failure) } }

  /// Mends it.
  func mend() { state.withLock { $0.failures = [] } }

  /// True once everything fails.
  var isDead: Bool { state.withLock { $0.isDead } }

  /// How many calls counted.
  var changes: Int { state.withLock { $0.changes } }

  /// The calls that failed on purpose.
  var failed: [FileOperation] { state.withLock { $0.failed } }

  /// The call at which it died.
  var last: FileOperation? { state.withLock { $0.last } }

  /// Calls `body` when it dies; at once if it has.
  func whenDead(_ body: @escaping @Sendable () -> Void) {
    let isDead = state.withLock { state in
      state.onDeath = body
      return state.isDead
    }
    if isDead { body() }
  }

  private func check(_ operation: FileOperation) throws(SystemError) {
    let (code, tell) = state.withLock { state in judge(operation, &state) }
    tell?()
    if let code { throw SystemError(failing: operation, errno: code) }
  }

  private func judge(_ operation: FileOperation, _ state: inout State) -> (
    Int32?, (@Sendable () -> Void)?
  ) {
    if state.isDead { return (EIO, nil) }
    if counting(operation) {
      state.changes += 1
      if state.changes == state.deathAt {
        state.isDead = true
        state.last = operation
        return (state.diesAfterCall ? nil : EIO, state.onDeath)
      }
    }
    for index in state.failures.indices
    where state.failures[index].times > 0 && state.failures[index].matches(operation) {
      state.failures[index].times -= 1
      state.failed.append(operation)
      return (state.failures[index].errno, nil)
    }
    return (nil, nil)
  }
}

extension FileOperation.Kind {
  /// True for calls that change what is on the disk, or make it durable.
  var changes: Bool {
    switch self {
    case .create, .write, .sync, .dataSync, .rename, .makeDirectory, .setMode, .unlink, .removeDirectory,
      .truncate,
      .link:
      true
    case .open, .read, .lock, .statistics, .list: false
    }
  }
}
