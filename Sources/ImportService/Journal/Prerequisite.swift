import ImportSystem
import Synchronization

/// Something that has to be on the disk before records that build on it are written (``Journal/record(_:once:)``). They count before
/// that, as all records do from the moment at which they are recorded, but after a power cut they are not in the file unless
/// what they tell is on the disk (docs/decisions/0014-sending-while-the-claim-is-synced.md).
final class Prerequisite: Sendable {
  /// What became of it.
  enum State: Sendable {
    case open
    /// It is on the disk.
    case met
    /// It never will be.
    case failed(SystemError)
  }

  private let content = Mutex(State.open)

  /// What became of it until now.
  var state: State { content.withLock { $0 } }

  /// Takes in, once, what became of it. The journal has to be told as well (``Journal/settle(_:_:)``).
  fileprivate func settle(_ failure: SystemError?) {
    content.withLock { state in
      guard case .open = state else { preconditionFailure("it was settled before") }
      state = if let failure { .failed(failure) } else { .met }
    }
  }
}

extension Journal {
  /// Says that something is on the disk now, or why it never will be, in which case the journal has failed.
  nonisolated func settle(_ prerequisite: Prerequisite, _ failure: SystemError?) {
    prerequisite.settle(failure)
    wakeWriter()
  }
}
