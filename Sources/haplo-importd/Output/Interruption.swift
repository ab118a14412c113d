import Glibc
import ImportSystem
import Synchronization

/// Lets SIGINT, SIGTERM and SIGHUP end the work on files at its next call, so that the caller can tidy up. The signals must be
/// blocked before the first thread is started.
final class Interruption: Sendable {
  static let signals = [SIGINT, SIGTERM, SIGHUP]

  private let reader: SignalReader
  private let received = Mutex<Int32?>(nil)

  /// Begins to receive the signals.
  init() throws(Failure) {
    do {
      reader = try SignalReader(Self.signals)
    } catch {
      throw .system(error)
    }
  }

  /// Refuses every call (`isCancelled`) once a signal has come.
  var fileSystem: FileSystem {
    FileSystem { [self] operation throws(SystemError) in
      if hasCome { throw SystemError(failing: operation, errno: ECANCELED) }
    }
  }

  /// Gives the signals their usual effect again, those that have come already too.
  func stop() { SignalReader.unblock(Self.signals) }

  /// Ends the process by the signal that has come, as it would have been without this.
  func endProcess() -> Never {
    stop()
    kill(getpid(), received.withLock { $0 } ?? SIGTERM)
    exit(ExitStatus.later.rawValue)
  }

  private var hasCome: Bool {
    received.withLock { received in
      if received == nil { received = reader.next() }
      return received != nil
    }
  }
}
