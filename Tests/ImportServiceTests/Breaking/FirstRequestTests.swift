import Glibc
import HaploSimulator
import ImportCore
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// The request to create a batch is ready when its set stands in `work/` (docs/decisions/0015-the-first-request-is-ready.md).
@Suite(.timeLimit(.minutes(5))) struct FirstRequestTests {
  let place = Place()
  let simulator: Simulator
  let notes = Notes()
  var service: TestService
  let first = SampleSet(name: "first")
  let second = SampleSet(name: "second")

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources = ["hr": "MaxInFlight=1"]
  }

  @Test func `it goes out when the set stands in work, not before, and once`() async throws {
    try await run { [simulator, notes] in
      // It is ready by then, and has time enough for going out too early.
      Self.spin { notes.ready == 1 }
      for _ in 0..<20_000 { sched_yield() }
      notes.batches = simulator.record.batches.count
    } then: { _ in
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    }
    #expect(notes.batches == 1, "only the set before it has a batch while it is being taken")
    #expect(notes.outcome == ["ready", "sent"])
    #expect(simulator.record.batches.count == 2)
    Promise(place: place, record: simulator.record, scheduled: [first, second]).check()
  }

  /// Its slot is free again, and so is its place at the server.
  @Test func `for a set that leaves while it is being taken nothing is asked`() async throws {
    let third = SampleSet(name: "third")
    try await run { [place, notes] in
      Self.spin { notes.ready == 1 }
      precondition(rename(place.drop() + "/second", place.root + "/taken-away") == 0)
    } then: { _ in
      #expect(await service.log.tell(.setWithdrawn), "\(service.log.text)")
      third.drop(in: place)
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    }
    #expect(notes.outcome == ["ready", "withdrawn", "ready", "sent"])
    #expect(simulator.record.batches.count == 2)
    Promise(place: place, record: simulator.record, scheduled: [first, third]).checkScheduling()
  }

  @Test func `a set with a file that was replaced is asked for as it is then`() async throws {
    let text = "[{\"other\": 1}]\n"
    try await run { [place, notes] in
      Self.spin { notes.ready == 1 }
      place.write(text, to: place.root + "/new")
      precondition(rename(place.root + "/new", place.drop() + "/second/data0.json") == 0)
    } then: { _ in
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    }
    #expect(notes.outcome == ["ready", "withdrawn"])
    #expect(simulator.record.jobs.count == 2 && simulator.record.batches.count == 2)
    #expect(simulator.record.jobs.last?.data["data0"]?.digest == SampleSet.digest(text))
  }

  @Test func `a server that is left meanwhile is not asked`() async throws {
    let after = try Simulator(apiKey: TestService.key)
    let log = service.log
    try await run(andAfterReloadAt: after.url) { [notes] in
      Self.spin { notes.ready == 1 }
      notes.signals.put(SIGHUP)
      Self.spin { !log.of(.reloaded).isEmpty }
    } then: { _ in
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    }
    #expect(notes.outcome == ["ready", "withdrawn"])
    #expect(simulator.record.batches.count == 1)
    Promise(place: place, record: after.record, scheduled: [second]).checkScheduling()
  }

  /// Its answer names a batch that the new server does not know.
  @Test func `nor is its answer taken when it is left after the word was given`() async throws {
    let after = try Simulator(apiKey: TestService.key)
    let log = service.log
    notes.whenClaimed { [notes] in
      Self.spin { notes.outcome.count == 2 }
      notes.signals.put(SIGHUP)
      Self.spin { !log.of(.reloaded).isEmpty }
    }
    try await run(andAfterReloadAt: after.url) {
    } then: { _ in
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    }
    #expect(notes.outcome == ["ready", "sent"])
    #expect(simulator.record.batches.count == 2 && simulator.record.jobs.count == 1)
    #expect(after.record.requests.allSatisfy { $0.status == 200 || $0.step == .batch }, "\(service.log.text)")
    #expect(after.record.batches.count == 1)
    Promise(place: place, record: after.record, scheduled: [second]).checkScheduling()
  }

  @Test func `a source that is paused meanwhile asks for nothing before it goes on`() async throws {
    try await run { [place, notes] in
      Self.spin { notes.ready == 1 }
      ask(.pause(sources: [SourceName("hr")!]), in: place)
    } then: { [place, simulator] _ in
      #expect(await service.log.tell(.setClaimed), "\(service.log.text)")
      for _ in 0..<20_000 { sched_yield() }
      #expect(simulator.record.batches.count == 1)
      try await aside { ask(.resume(sources: [SourceName("hr")!]), in: place) }
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    }
    #expect(notes.outcome == ["ready", "withdrawn"])
    Promise(place: place, record: simulator.record, scheduled: [first, second]).check()
  }

  @Test func `a claim that cannot be recorded asks for nothing`() async throws {
    var parts = parts()
    parts.fileSystem = FileSystem { [notes, log = service.log] operation throws(SystemError) in
      guard operation.kind == .dataSync, operation.purpose == "journal", !log.of(.setArchived).isEmpty,
        notes.isSecondDropped
      else { return }
      Self.spin { notes.ready == 1 }
      throw SystemError(call: "fdatasync", object: operation.object, errno: EIO)
    }
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await service.log.tell(.started))
    first.drop(in: place)
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    notes.isSecondDropped = true
    second.drop(in: place)
    await #expect(throws: JournalFailure.self) { try await daemon.value }
    #expect(notes.outcome == ["ready", "withdrawn"])
    #expect(simulator.record.batches.count == 1)
    try await service.onceUntilSettled()
    Promise(place: place, record: simulator.record, scheduled: [first, second]).check()
  }

  @Test func `the word can come before the request is ready`() async throws {
    notes.isSlow = true
    try await run {
    } then: { _ in
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    }
    #expect(notes.outcome == ["ready", "sent"])
    #expect(simulator.record.batches.count == 2)
    Promise(place: place, record: simulator.record, scheduled: [first, second]).check()
  }

  /// Whoever decides waits until the request is put down, which may take minutes until it is answered.
  @Test func `a person who rejects the set ends the request`() async throws {
    try await run { [simulator, notes] in
      Self.spin { notes.ready == 1 }
      do { try simulator.add("batch:stall") } catch { preconditionFailure("\(error)") }
    } then: { [place] _ in
      #expect(await service.log.tell(.setClaimed), "\(service.log.text)")
      let set = try #require(service.log.of(.setClaimed).last?["set"])
      try await aside { ask(.decide(.reject(reason: "not this one"), sets: [set]), in: place) }
      #expect(await service.log.tell(.setRejected))
    }
    #expect(simulator.record.jobs.count == 1)
    #expect(notes.outcome.first == "ready" && notes.outcome.count == 2)
  }

  /// They are begun while the set is being taken, and wait for its slot: all places of sets that are begun are taken then.
  @Test func `it is begun though others wait for its slot`() async throws {
    let bad = ["bad1", "bad2"]
    for name in bad {
      SampleSet(name: name, hasControl: false).drop(in: place)
      place.write("{}", to: "\(place.drop())/\(name)/control.json")
    }
    _ = try await Service(parts(), purpose: .once, signals: nil).run()
    let sets = service.log.of(.setRejected).compactMap { $0["set"] }
    #expect(sets.count == 2)
    try await run { [place, notes] in
      Self.spin { notes.ready == 1 }
      ask(.decide(.retry(importAgain: false), sets: sets), in: place)
    } then: { _ in
      #expect(await service.log.tell(.setRejected, times: 2), "\(service.log.text)")
      let log = service.log
      while log.of(.setArchived).count < 2 { await Task.yield() }
    }
    Promise(place: place, record: simulator.record, scheduled: [first, second]).checkScheduling()
    #expect(notes.outcome == ["ready", "sent"])
  }

  /// Rows: what speaks against a request ahead, and of which the set is delivered all the same.
  @Test(arguments: ["one connection", "an unproven key"])
  func `it is not made ready`(where what: String) async throws {
    var trial = self
    if what == "one connection" { trial.service.server = "MaxConnections=1" }
    if what == "an unproven key" {
      trial.second.drop(in: place)
      _ = try await Service(parts(), purpose: .once, signals: nil).run()
      Promise(place: place, record: simulator.record, scheduled: [second]).check()
    } else {
      try await trial.run {
      } then: { _ in
        #expect(await trial.service.log.tell(.setArchived), "\(trial.service.log.text)")
      }
      Promise(place: place, record: simulator.record, scheduled: [first, second]).check()
    }
    #expect(notes.outcome.isEmpty)
  }

  /// It is compared before it is sent.
  @Test func `a set that is skipped asks for no batch`() async throws {
    var trial = self
    trial.service.sources = ["hr": "OnDuplicate=skip"]
    let copies = place.root + "/copies"
    place.makeFolder(copies)
    for key in first.keys { place.write(first.content(key), to: "\(copies)/\(key).json") }
    place.write(SampleSet.control(keys: first.keys), to: copies + "/control.json")
    let daemon = Task { [trial] in try await Service(trial.parts(), purpose: .daemon, signals: nil).run() }
    #expect(await service.log.tell(.started))
    first.drop(in: place)
    #expect(await service.log.tell(.setArchived))
    #expect(rename(copies, place.drop() + "/copy") == 0)
    #expect(await service.log.tell(.setSkipped), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    #expect(notes.outcome.isEmpty)
    #expect(simulator.record.batches.count == 1)
  }

  /// Delivers the first set, and drops the second; `moment` comes just before that is moved into `work/`.
  private func run(
    andAfterReloadAt url: String? = nil, _ moment: @escaping @Sendable () -> Void,
    then: (Task<ServiceSummary, any Error>) async throws -> Void
  ) async throws {
    var parts = parts(url)
    parts.fileSystem = FileSystem { [notes] operation throws(SystemError) in
      guard operation.kind == .rename, operation.purpose == "claim", operation.object.hasSuffix("/second")
      else { return }
      notes.atMoment(moment)
    }
    let daemon = Task { [parts, notes] in
      try await Service(parts, purpose: .daemon, signals: notes.signals).run()
    }
    #expect(await service.log.tell(.started))
    first.drop(in: place)
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    second.drop(in: place)
    try await then(daemon)
    daemon.cancel()
    _ = try await daemon.value
  }

  private func parts(_ url: String? = nil) -> ServiceParts {
    var other = service
    if let url { other.url = url }
    let loads = Counter()
    let log = ListeningLog(lines: service.log, notes: notes)
    return ServiceParts(
      load: { [service, other] in try (loads.next() == 1 ? service : other).load() },
      transport: { [notes] in NotingTransport(client: try $0.makeTransport(), notes: notes) },
      fileSystem: FileSystem(), time: service.time, log: log)
  }

  private static func spin(until isTrue: () -> Bool) {
    let deadline = ContinuousClock.now + .seconds(60)
    while !isTrue(), ContinuousClock.now < deadline { sched_yield() }
  }
}

/// Has the running service do what an administrator asks for.
private func ask(_ request: ControlRequest, in place: Place) {
  let reply = try? ControlClient(runtimeDirectory: place.root + "/run").ask(request, patience: 60)
  guard case .decided(let results) = reply, results.allSatisfy({ $0.outcome == .done }) else {
    Issue.record("\(String(describing: reply))")
    return
  }
}

/// Performs what blocks on a thread of its own: the service's tasks need those that they share with the tests.
private func aside(_ body: @escaping @Sendable () -> Void) async throws {
  await (try WorkerPool(name: "aside", threads: 1)).run(body)
}
