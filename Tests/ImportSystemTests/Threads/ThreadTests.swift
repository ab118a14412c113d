import ImportSystem
import Synchronization
import Testing

@Suite struct ThreadTests {
  @Test func `work is done when it is asked for, and its error comes back typed`() async throws {
    let pool = try WorkerPool(name: "test", threads: 1)
    let seen = Numbers()
    async let first: Void = pool.run { seen.append(1) }
    async let second: Void = pool.run { seen.append(2) }
    _ = await (first, second)
    await pool.run { seen.append(3) }
    #expect(seen.all.count == 3 && seen.all.last == 3)
    await #expect(throws: SystemError.self) {
      try await pool.run { () throws(SystemError) in
        throw SystemError(call: "test", object: "", errno: 5)
      }
    }
  }

  @Test func `as many jobs run side by side as there are threads`() async throws {
    let pool = try WorkerPool(name: "test", threads: 2)
    let meeting = Meeting()
    async let first: Void = pool.run { meeting.meet() }
    async let second: Void = pool.run { meeting.meet() }
    _ = await (first, second)
  }
}

private final class Numbers: Sendable {
  private let state = Mutex<[Int]>([])

  var all: [Int] { state.withLock { $0 } }

  func append(_ number: Int) { state.withLock { $0.append(number) } }
}

/// Two threads that wait for each other: with one thread alone this would never end.
private final class Meeting: Sendable {
  private let arrived = Atomic<Int>(0)

  func meet() {
    arrived.add(1, ordering: .sequentiallyConsistent)
    while arrived.load(ordering: .sequentiallyConsistent) < 2 {}
  }
}
