import ImportSystem
import Synchronization

/// Keeps the program from waiting for its log. A thread of its own (`haplo-log`) writes the lines; if nobody reads them,
/// the newest are dropped and counted, and the count is written when lines flow again. Repeated warnings are counted, too
/// (``RepeatedLines``).
///
/// Domains: `state` is guarded by its mutex; `target` is used on the thread only.
public final class QueuedLog: Log {
  private struct State {
    var repeated: RepeatedLines
    var dropped = 0
  }

  private static let mostLines = 4096
  private static let mostBytes = 4 << 20

  private let target: any Log
  private let now: @Sendable () -> Int64
  private let state = Mutex(State(repeated: RepeatedLines()))
  private let thread: WriterThread<LogEvent>

  /// Takes the log that writes the lines.
  public convenience init(_ target: any Log) { self.init(target, now: { TimerThread.now }) }

  /// The same with another monotonic clock, in nanoseconds.
  init(_ target: any Log, now: @escaping @Sendable () -> Int64) {
    self.target = target
    self.now = now
    thread = WriterThread(name: "haplo-log", items: Self.mostLines, bytes: Self.mostBytes) {
      target.write($0)
    }
  }

  public func includes(_ event: LogEvent) -> Bool { target.includes(event) }

  public func write(_ event: LogEvent) {
    guard target.includes(event) else { return }
    let now = now()
    state.withLock { state in
      for event in state.repeated.admit(event, at: now) { add(event, &state) }
    }
  }

  /// Writes what is left, but waits no longer than a limit in nanoseconds. Blocks the calling thread: for the end of the
  /// program.
  public func finish(within nanoseconds: Int64 = 1_000_000_000) {
    state.withLock { state in
      for event in state.repeated.end() { add(event, &state) }
    }
    thread.finish(within: nanoseconds)
    state.withLock { addDropped(&$0) }
    thread.finish(within: nanoseconds / 10)
  }

  private func add(_ event: LogEvent, _ state: inout State) {
    addDropped(&state)
    if state.dropped > 0 || !thread.add(event, size: event.size) { state.dropped += 1 }
  }

  private func addDropped(_ state: inout State) {
    guard state.dropped > 0 else { return }
    let event = LogEvent(.logLinesDropped, "log lines were dropped because nothing read them").with(
      "lines", state.dropped)
    if thread.add(event, size: event.size) { state.dropped = 0 }
  }
}

extension LogEvent {
  /// About how many bytes it takes in memory.
  fileprivate var size: Int {
    pairs.reduce(64 + text.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 }
  }
}
