import HaploSimulator
import ImportCore
import ImportSystem
import Testing

@testable import ImportService

/// The line of one source, without a service around it.
@Suite(.timeLimit(.minutes(5))) struct DeliveryLineTests {
  private let place = Place()
  private let source = SourceName("hr")!
  private let set = SetID("20261124T070512Z-hr-7f3k2m9q")!

  /// The set is still to be inspected, and waits for that without a slot.
  @Test func `what a set asks first is ended when it has to wait for its source to go on`() async throws {
    let context = try await context()
    try await context.journal.record(SourceControl(pausedBy: "somebody"), for: source)
    let line = DeliveryLine(source: source, context: context, ending: Ending())
    let goAhead = GoAhead()
    let first = FirstRequest(
      of: set, control: SHA256Digest(hex: String(repeating: "0", count: 64))!, comment: nil,
      by: context.settings.changes.version, once: goAhead)
    #expect(await line.makeReady(first))
    goAhead.give()
    await line.add([set])
    let running = Task { try await line.run() }
    #expect(await comesTrue { goAhead.decision == false })
    running.cancel()
    _ = await running.result
  }

  /// What couriers work with, and a journal that knows one set, which was taken.
  private func context() async throws -> CourierContext {
    let fileSystem = FileSystem()
    let state = try fileSystem.openDirectory(place.state)
    let log = Lines()
    let journal = try Journal(in: state, time: FastTime(), log: log)
    let claim = Claim(
      form: .folder, name: "one", directory: place.drop(), control: "control.json",
      completed: FastTime().now, items: [])
    for event in [.claimBegun(claim: claim), .claimed] as [DeliveryEvent] {
      try await journal.record(event, for: set)
    }
    let service = TestService(place, url: "http://127.0.0.1:1/")
    return CourierContext(
      journal: journal, spool: try Spool(path: place.spool, fileSystem: fileSystem),
      workers: try WorkerPool(name: "test", threads: 1), time: FastTime(), log: log,
      heartbeat: Heartbeat(time: FastTime()), uploads: SharedUploads(),
      settings: CurrentSettings(try service.load().configuration), notices: NoticeBoard(state, log: log))
  }
}
