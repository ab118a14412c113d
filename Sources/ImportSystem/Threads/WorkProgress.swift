import Glibc

/// Connects long work on a worker with its caller: the work reports that it moves, and asks whether its result is still
/// wanted.
public struct WorkProgress: Sendable {
  private let moved: @Sendable () -> Void
  private let isCancelled: @Sendable () -> Bool

  /// Takes what is called at each step: `moved` when the work moves, `isCancelled` whether to stop.
  public init(
    moved: @escaping @Sendable () -> Void = {}, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.moved = moved
    self.isCancelled = isCancelled
  }

  /// For work that nobody watches and nobody cancels.
  public static let unwatched = WorkProgress()

  /// The same work, which reports its steps to somebody else.
  public func reporting(to moved: @escaping @Sendable () -> Void) -> WorkProgress {
    WorkProgress(moved: moved, isCancelled: isCancelled)
  }

  /// Reports one step; true if the caller does not want the result any more.
  public func stepCancels() -> Bool {
    moved()
    return isCancelled()
  }

  /// Reports one step.
  ///
  /// - Throws: ECANCELED (`isCancelled`) if the caller does not want the result any more.
  public func step(_ object: @autoclosure () -> String = "") throws(SystemError) {
    if stepCancels() { throw SystemError(call: "read", object: quoted(object()), errno: ECANCELED) }
  }
}
