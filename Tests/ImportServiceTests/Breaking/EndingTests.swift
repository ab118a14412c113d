import HaploSimulator
import ImportRuntime
import ImportService
import Testing

/// The service ends when it is told to, wherever it stands.
@Suite struct EndingTests {
  @Test func `it ends at whatever moment it is told to`() async throws {
    let trial = try Trial(.twoFolders)
    for number in 1...60 {
      let disk = Disk(counting: { _ in true })
      let count = Counter()
      let daemon = Mailbox<Task<ServiceSummary, any Error>>()
      disk.add(
        Disk.Failure(errno: 0) { _ in
          if count.next() == number * 4 { daemon.waiting.first?.cancel() }
          return false
        })
      let task = Task { try await trial.service.run(.once, disk) }
      daemon.put(task)
      _ = try? await task.value
    }
    try await trial.service.onceUntilSettled()
    trial.promise("").check()
  }

  /// What refers to itself in a circle would keep six threads for each service that has ended.
  @Test func `nothing of it stays when it has ended`() async throws {
    for number in 0..<12 {
      let left = try await Self.disk(ofServiceEndedAt: number)
      let deadline = ContinuousClock.now + .seconds(60)
      while left.disk != nil, ContinuousClock.now < deadline { await Task.yield() }
      #expect(left.disk == nil, "ended at change \(number)")
    }
  }

  private struct Left { weak var disk: Disk? }

  /// Everything in a service refers to its disk.
  private static func disk(ofServiceEndedAt number: Int) async throws -> Left {
    let trial = try Trial(.twoFolders)
    let disk = number == 0 ? Disk() : Disk(dyingAt: number * 5)
    _ = try? await trial.service.once(disk)
    return Left(disk: disk)
  }

  @Test func `one that is cancelled before it begins ends`() async throws {
    let trial = try Trial(.twoFolders)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await Service(trial.service.parts(), purpose: .daemon, signals: nil).run()
    }
    _ = try? await task.value
    try await trial.service.onceUntilSettled()
    trial.promise("").check()
  }

  /// A call that waits at a server that is to be left alone is not under way, and gets no time.
  @Test func `a set in doubt that waits for the server does not hold up the end`() async throws {
    let time = ManualTime()
    var trial = try Trial(.flat)
    trial.service.time = time
    try trial.simulator.add("schedule:revoke:nth=1")
    let daemon = Task { [service = trial.service] in try await service.run(.daemon, Disk()) }
    #expect(await trial.service.log.tell(.serverRefused))
    await time.sleeper(within: .seconds(400))
    daemon.cancel()
    _ = try await daemon.value  // with a clock that stands still, it would never end if it waited
    #expect(trial.simulator.record.jobs.isEmpty)
  }
}
