import FoundationEssentials
import Glibc
@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// The server's session, which the processes of one installation share.
@Suite(.timeLimit(.minutes(3))) struct OutcomeSessionTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws { (simulator, service) = try TestService.readingOutcomes(place) }

  private var path: String { "\(place.state)/\(SessionFile.name)" }
  private var made: Int { simulator.record.sessions.made }

  /// Leaves a set whose job runs on.
  private func deliver() async throws {
    try simulator.add("schedule:complete:for=10min")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
  }

  private var cookie: String {
    get throws {
      let content = try JSONDecoder().decode(
        [String: String].self, from: Data(place.text(path).utf8))
      return try #require(content["cookie"])
    }
  }

  @Test func `every run continues the session of the one before`() async throws {
    try await deliver()
    #expect(made == 1)
    for _ in 0..<3 { try await service.once() }
    #expect(simulator.record.requests(ofPage: .batch) == 4)
    #expect(made == 1)
  }

  @Test func `the cookie is in one file that nobody else can read, and in no output`() async throws {
    try await deliver()
    try await service.once()
    let cookie = try cookie
    #expect(cookie.hasPrefix("s=1-"))
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    let value = cookie.dropFirst(2)
    for file in place.files(below: "") where !file.hasSuffix(SessionFile.name) {
      #expect(!place.text("\(place.root)/\(file)").contains(value), "\(file)")
    }
    #expect(!service.log.text.contains(value))
    for text in [try json(service.reports()), try json(service.status())] { #expect(!text.contains(value)) }
  }

  private func json(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }

  @Test func `a session that the server ended is replaced`() async throws {
    try await deliver()
    let first = try cookie
    simulator.restart()
    try await service.once()
    #expect(try cookie != first)
    let count = made
    try await service.once()
    #expect(made == count)
  }

  @Test(arguments: ["pages:403", "pages:redirect", "pages:not-permitted"])
  func `a refusal ends it`(fault: String) async throws {
    try await deliver()
    try simulator.add(fault)
    try await service.once()
    #expect(!place.files(below: "state").contains(SessionFile.name))
  }

  @Test func `another key or server begins another one`() async throws {
    try await deliver()
    let state = try FileSystem().openDirectory(place.state)
    let key = try #require(try service.load().outcomeKey?.fingerprint)
    func read(_ server: String, _ key: String) -> String? {
      SessionFile(state: state, server: server, key: key).read()
    }
    #expect(try read(service.url, key) == cookie)
    #expect(read(service.url, "0123456789ab") == nil && read("https://other.example", key) == nil)
    var other = service
    other.server = ""
    try await other.once()
    #expect(!place.files(below: "state").contains(SessionFile.name))
  }

  @Test(arguments: [
    "", "{", #"{"server":"URL","key":"KEY","cookie":"s=a\r\nX-Header: 1"}"#,
    #"{"server":"URL","key":"KEY","cookie":"s=a; b=c"}"#,
    #"{"server":"URL","key":"KEY","cookie":"other=1"}"#, #"{"server":"URL","key":"KEY"}"#,
  ])
  func `a file of another form is worth nothing`(text: String) async throws {
    try await deliver()
    let key = try #require(try service.load().outcomeKey?.fingerprint)
    place.write(
      text.replacing("URL", with: service.url).replacing("KEY", with: key), to: path)
    try await service.once()
    #expect(try cookie.hasPrefix("s=2-"))
  }

  @Test func `show --server-log and reconcile continue it`() async throws {
    try simulator.add("schedule:complete:for=300ms")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    #expect(made == 1)
    await simulator.settleJobs()
    let set = try #require(try service.reports().first)
    let size = Mutex(0)
    let loaded = try service.load()
    try await loaded.configuration.readServerLog(
      of: set.set, #require(set.batch), with: #require(loaded.outcomeKey)
    ) { piece in
      size.withLock { $0 += piece.count }
      return true
    }
    #expect(size.withLock { $0 } > 0)
    _ = try await service.perform(.compareWithServer(dryRun: true), withPages: true)
    #expect(made == 1)
  }
}
