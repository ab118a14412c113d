import Glibc
import ImportSystem
import Synchronization
import Testing

/// Work that hangs until a test has ended.
private final class Hanging: Sendable {
  private let state = Mutex((begun: 0, isOver: false))

  var count: Int { state.withLock { $0.begun } }

  func hang() {
    state.withLock { $0.begun += 1 }
    while !state.withLock({ $0.isOver }) { sched_yield() }
  }

  /// Performs `body` while whatever comes hangs.
  func hanging(_ body: () async throws -> Void) async rethrows {
    defer { state.withLock { $0.isOver = true } }
    try await body()
  }
}

@Suite struct LaneWorkersTests {
  private let workers = LaneWorkers(name: "test-lane")

  @Test func `a lane in which everything hangs delays no other lane`() async throws {
    let hanging = Hanging()
    try await hanging.hanging {
      let stuck = (0..<4).map { _ in Task { try? await workers.run(in: "hr") { _ in hanging.hang() } } }
      while hanging.count < 2 { await Task.yield() }
      let result = try await workers.run(in: "finance") { (_) throws(SystemError) in 7 }
      #expect(result == 7)
      #expect(hanging.count == 2, "two threads are the share of a lane")
      for task in stuck { task.cancel() }
      for task in stuck { await task.value }
    }
  }

  @Test func `a caller that is cancelled goes on without work that hangs`() async {
    let hanging = Hanging()
    await hanging.hanging {
      let task = Task { () -> Bool in
        do throws(SystemError) {
          try await workers.run(in: "hr") { _ in hanging.hang() }
          return false
        } catch {
          return error.isCancelled
        }
      }
      while hanging.count < 1 { await Task.yield() }
      task.cancel()
      #expect(await task.value)
    }
  }

  @Test func `work that looks whether it is wanted ends when its caller is cancelled`() async {
    let steps = Mutex(0)
    let task = Task { [workers] in
      await failure { () throws(SystemError) in
        try await workers.run(in: "hr") { progress throws(SystemError) -> Void in
          while true {
            steps.withLock { $0 += 1 }
            try progress.step()
          }
        }
      }
    }
    while steps.withLock({ $0 }) < 1 { await Task.yield() }
    task.cancel()
    #expect(await task.value?.isCancelled == true)
  }

  @Test func `a caller with a limit goes on when it is over`() async {
    let hanging = Hanging()
    await hanging.hanging {
      let error = await failure { () throws(SystemError) in
        try await workers.run(in: "hr", within: 1_000_000) { _ in hanging.hang() }
      }
      #expect(error?.isTimeout == true)
    }
  }

  @Test func `what the work throws and returns is the caller's`() async throws {
    #expect(try await workers.run(in: "hr") { _ in 5 } == 5)
    let error = await failure { () throws(SystemError) in
      try await workers.run(in: "hr") { _ throws(SystemError) in
        throw SystemError(call: "read", object: "", errno: 5)
      }
    }
    #expect(error?.isIO == true)
  }

  private func failure(of work: () async throws(SystemError) -> Void) async -> SystemError? {
    do throws(SystemError) {
      try await work()
      return nil
    } catch {
      return error
    }
  }
}
