/// Moves the jobs on at their time while nobody asks for anything, so that the record file and waiting tests hear of
/// it. A thread of its own runs this.
final class JobTimer: Sendable {
  private let bell = Bell()

  /// Says that the moment at which the next job ends is another.
  func reschedule() { bell.ring() }

  /// Works until the simulator stops.
  func run(_ core: Core) {
    while core.latch.waitForInput(on: bell.descriptor, atMost: core.timeToNextJobEnd()) {
      bell.silence()
      core.update { _ in }
    }
  }
}
