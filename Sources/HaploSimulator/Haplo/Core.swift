import Synchronization

/// Is what all connections share: the server's memory under one lock, and the means to wait.
final class Core: Sendable {
  let options: SimulatorOptions
  let latch = StopLatch()
  let gate: Gate
  let silence: SilenceWatch
  private let jobTimer = JobTimer()
  private let world: Mutex<World>
  private let waiters = Mutex<[Waiter]>([])
  private let recordFile: RecordFile?

  private struct Waiter: Sendable {
    let id: Int
    let condition: @Sendable (SimulatorRecord) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
  }

  init(_ options: SimulatorOptions) throws(SimulatorError) {
    self.options = options
    gate = Gate(places: options.workers, latch: latch)
    silence = SilenceWatch(limit: options.silenceLimit, answers: options.tls == nil, latch: latch)
    world = Mutex(World(options))
    if let path = options.recordPath { recordFile = try RecordFile(path: path) } else { recordFile = nil }
  }

  var record: SimulatorRecord { change { $0.record } }

  /// Reads or changes the memory. What it has to say is in the record file, and who waited for it is awake, on
  /// return.
  @discardableResult
  func update<Result: Sendable>(_ body: (inout World) -> Result) -> Result {
    let result = change(body)
    wakeWaiters()
    return result
  }

  /// Returns the time until the job that is running ends, nil if none is.
  func timeToNextJobEnd() -> Duration? {
    change { $0.nextJobEnd }.map { max(.zero, $0 - options.clock()) }
  }

  /// Works until the simulator stops.
  func runJobTimer() { jobTimer.run(self) }

  /// Jobs are moved on before and after each change, so that whoever looks sees them as they are now.
  private func change<Result: Sendable>(_ body: (inout World) -> Result) -> Result {
    let (result, isRescheduled) = world.withLock { world in
      let before = world.nextJobEnd
      world.runJobs(until: options.clock())
      let result = body(&world)
      world.runJobs(until: options.clock())
      for line in world.lines { recordFile?.append(line) }
      world.lines = []
      return (result, world.nextJobEnd != before)
    }
    if isRescheduled { jobTimer.reschedule() }
    return result
  }

  /// Waits until the record fulfils a condition; false when the task was cancelled before.
  func wait(until condition: @escaping @Sendable (SimulatorRecord) -> Bool) async -> Bool {
    let id = Int.random(in: 0...Int.max)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiter = Waiter(id: id, condition: condition, continuation: continuation)
        waiters.withLock { $0.append(waiter) }
        // What happened before it stood in the list woke nobody: look again.
        wakeWaiters()
        if Task.isCancelled { wake(with: false) { $0.id == id } }
      }
    } onCancel: {
      wake(with: false) { $0.id == id }
    }
  }

  /// Wakes whose condition holds. The record is copied only where somebody waits.
  private func wakeWaiters() {
    guard waiters.withLock({ !$0.isEmpty }) else { return }
    let record = record
    wake { $0.condition(record) }
  }

  private func wake(with result: Bool = true, where isMeant: (Waiter) -> Bool) {
    let woken = waiters.withLock { waiters in
      guard !waiters.isEmpty else { return [Waiter]() }
      let woken = waiters.filter(isMeant)
      waiters.removeAll { waiter in woken.contains { $0.id == waiter.id } }
      return woken
    }
    for waiter in woken { waiter.continuation.resume(returning: result) }
  }
}
