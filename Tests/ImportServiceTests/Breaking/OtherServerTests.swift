import Glibc
@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// `URL=` is changed at the worst moment: between the decision of a step and its request.
@Suite(.timeLimit(.minutes(5))) struct OtherServerTests {
  let place = Place()
  let before: Simulator
  let after: Simulator
  var service: TestService
  let sets = [SampleSet(name: "first"), SampleSet(name: "second")]

  init() throws {
    before = try Simulator(apiKey: TestService.key)
    after = try Simulator(apiKey: TestService.key)
    service = TestService(place, before)
    // One after the other: what is awaited of the first set must not be seen of the second.
    service.sources = ["hr": "MaxInFlight=1"]
  }

  @Test func `a file is not sent to a server that does not know its batch`() async throws {
    try await reload { $0.kind == .open && $0.purpose == "send" && $0.object.hasSuffix("/data0.json") }
    #expect(after.record.requests.allSatisfy { $0.status == 200 || $0.step == .batch }, "\(service.log.text)")
    Promise(place: place, record: after.record, scheduled: sets).check()
    #expect(before.record.jobs.isEmpty)
  }

  /// A batch whose intent is recorded can only be scheduled where it was made, and its set would be held.
  @Test func `nothing is intended for a batch of the server before`() async throws {
    // When all files of a set have been sent, they are looked at once more. Those of the next set may be looked at just then: the first
    // one has given its slot back.
    try await reload { [before] operation in
      guard operation.kind == .statistics, operation.object.hasSuffix("/files/data1.json") else {
        return false
      }
      // A batch's comment ends with the id of its set.
      let sent = before.record.batches.filter { $0.files.count == 2 }.compactMap(\.comment)
      return sent.contains {
        $0.split(separator: " ").last.map { operation.object.contains("/\($0)/") } ?? false
      }
    }
    #expect(service.log.of(.setHeld).isEmpty, "\(service.log.text)")
    Promise(place: place, record: after.record, scheduled: sets).check()
    #expect(before.record.jobs.isEmpty)
  }

  /// Delivers all sets, and changes `URL=` at the first call that matches, which goes on when that is in force.
  private func reload(at matches: @escaping @Sendable (FileOperation) -> Bool) async throws {
    let (signals, isChanged) = (SignalInbox.apart(), Flag())
    var other = service
    other.url = after.url
    let hook: FileSystem.Hook = { [log = service.log] operation in
      guard matches(operation), isChanged.raise() else { return }
      signals.put(SIGHUP)
      let deadline = ContinuousClock.now + .seconds(60)
      while log.of(.reloaded).isEmpty, ContinuousClock.now < deadline { sched_yield() }
    }
    let parts = ServiceParts(
      load: { [service, other] in try (isChanged.isRaised ? other : service).load() },
      transport: { try $0.makeTransport() }, fileSystem: FileSystem(hook: hook), time: service.time,
      log: service.log)
    for set in sets { set.drop(in: place) }
    _ = try await Service(parts, purpose: .once, signals: signals).run()
    #expect(isChanged.isRaised)
    try await other.onceUntilSettled()  // a control file that only the server before has costs a pause
  }

  private final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .sequentiallyConsistent) }

    /// True for the first.
    func raise() -> Bool { !state.exchange(true, ordering: .sequentiallyConsistent) }
  }
}
