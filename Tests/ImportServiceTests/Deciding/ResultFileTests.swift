import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// `ResultFiles=yes`: what an exporter finds in `.results/` of its drop directory.
@Suite struct ResultFileTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService
  private var results: String { place.drop() + "/.results" }

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources = ["hr": "ResultFiles=yes"]
  }

  private func found() -> [String] { place.files(below: "spool/drop/hr") }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  private func dropBad(_ name: String) {
    place.makeFolder("\(place.drop())/\(name)")
    place.write("[]", to: "\(place.drop())/\(name)/data0.json")
    place.write("{\"model\": \"std:person\"}", to: "\(place.drop())/\(name)/control.json")
  }

  @Test func `a set that was taken is accepted, in words that an exporter understands`() async throws {
    let set = SampleSet(name: "monday")
    set.drop(in: place)
    try await service.once()
    #expect(found() == [".results/monday.accepted"])
    let text = place.text(results + "/monday.accepted")
    let job = try #require(simulator.record.jobs.first)
    for words in ["dry run", "result: SCHEDULED", "mode: dry-run", "batch: \(job.batch)", "name: monday"] {
      #expect(text.contains(words), "\(text)")
    }
    for (key, digest) in set.digests {
      #expect(text.contains("file: \(digest) ") && text.contains("\(key).json"))
    }
    #expect(mode(results) & 0o070 == 0o070 && mode(results + "/monday.accepted") == 0o640)
  }

  @Test func `without the key nothing of ours stays in a drop directory`() async throws {
    var service = service
    service.sources = ["hr": ""]
    SampleSet(name: "monday").drop(in: place)
    dropBad("tuesday")
    try await service.once()
    #expect(place.entries(below: "drop/hr") == [])
  }

  @Test func `a rejected set is told why, and the same name sent again takes that away`() async throws {
    dropBad("monday")
    try await service.once()
    #expect(found() == [".results/monday.rejected.txt"])
    let text = place.text(results + "/monday.rejected.txt")
    #expect(text.hasPrefix("Rejected: ") && text.contains("result: REJECTED"), "\(text)")
    #expect(text.contains("control.json:1:"), "\(text)")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    #expect(found() == [".results/monday.accepted"])
    dropBad("monday")
    try await service.once()
    #expect(found() == [".results/monday.rejected.txt"])
  }

  @Test func `a held set says that a person decides, and their decision replaces it`() async throws {
    var service = service
    service.sources = ["hr": "ResultFiles=yes\nOnDuplicate=hold"]
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    #expect(found() == [".results/monday.rejected.txt"])
    let text = place.text(results + "/monday.rejected.txt")
    #expect(
      text.hasPrefix("Held: ") && text.contains("must decide") && text.contains("same bytes"), "\(text)")
    let set = try #require(service.log.of(.setHeld).first?["set"])
    _ = try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(.retry(importAgain: false), sets: [set]), by: "ada")
    try await service.once()
    #expect(found() == [".results/monday.accepted"])
  }

  @Test func `a flat set goes by its control file, and one that was skipped is accepted`() async throws {
    var service = service
    service.sources = ["hr": "ResultFiles=yes\nOnDuplicate=skip"]
    let set = SampleSet(name: "control.json", form: .flat)
    set.drop(in: place)
    try await service.once()
    #expect(found() == [".results/control.json.accepted"])
    set.drop(in: place)
    try await service.once()
    let text = place.text(results + "/control.json.accepted")
    #expect(text.contains("result: SKIPPED") && text.contains("same-as: "), "\(text)")
  }

  @Test func `nothing is told of a set that awaits approval before somebody has decided`() async throws {
    var service = service
    service.sources = ["hr": "ResultFiles=yes\nMode=approve"]
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    #expect(found() == [])
    let set = try #require(service.log.of(.setScheduled).first?["set"])
    _ = try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(.approve, sets: [set]), by: "ada")
    try await service.once()
    #expect(place.text(results + "/monday.accepted").contains("mode: import"))
  }

  @Test func `the outcome of a job takes no place of a later set's result`() async throws {
    let set = SampleSet(name: "control.json", form: .flat)
    set.drop(in: place)
    try await service.once()
    let path = try #require(place.files(below: "spool/archive").first { $0.hasSuffix("receipt.json") })
    let folder = try FileSystem().openDirectory("\(place.spool)/archive/\(path.dropLast(13))")
    let receipt = try #require(ArchivedSet.receipt(in: folder))
    let open = OpenOutcome(
      set: receipt.set, batch: try #require(receipt.batch), server: simulator.url, mode: .dryRun,
      scheduled: receipt.archived)
    let settled = SettledOutcome(open, JobOutcome(.checked, errors: 0, seen: receipt.archived))
    let result = try #require(ResultFile(settled, receipt))
    let drop = try FileSystem().openDirectory(place.drop())
    // A later set of this name was rejected, or is accepted by now.
    place.write("{}", to: place.drop() + "/control.json")
    try await service.once()
    #expect(found() == [".results/control.json.rejected.txt"])
    try result.write(in: drop)
    #expect(found() == [".results/control.json.rejected.txt"])
    SampleSet(name: "control.json", form: .flat, keys: ["data0"]).drop(in: place)
    try await service.once()
    try result.write(in: drop)
    #expect(found() == [".results/control.json.accepted"])
    // Of the set itself it is told, also where the exporter has deleted the first result.
    place.write("set: \(receipt.set)\n", to: results + "/control.json.accepted")
    try result.write(in: drop)
    #expect(found() == [".results/control.json.accepted", ".results/control.json.checked"])
  }

  @Test(arguments: [237, 238, 245, 250, 255])
  func `a long name is shortened, and each name has a result of its own`(length: Int) async throws {
    let beginning = String(repeating: "x", count: length - 1)
    for last in ["a", "b"] {
      SampleSet(name: last).drop(in: place)
      #expect(rename("\(place.drop())/\(last)", "\(place.drop())/\(beginning)\(last)") == 0)
    }
    try await service.once()
    #expect(service.log.of(.resultNotWritten).isEmpty, "\(service.log.text)")
    #expect(found().count == 2 && found().allSatisfy { $0.hasSuffix(".accepted") }, "\(found())")
    #expect(found().contains(".results/\(beginning)a.accepted") == (length <= 237))
    #expect(found().allSatisfy { $0.utf8.count <= 255 + ".results/".utf8.count })
    dropBad(beginning + "a")
    try await service.once()
    #expect(found().count == 2 && found().count { $0.hasSuffix(".rejected.txt") } == 1, "\(found())")
  }

  @Test func `a name is never cut within a character`() {
    let name = String(repeating: "é", count: 127)
    let stem = ResultFile.stem(of: name)
    #expect(stem.hasPrefix(String(repeating: "é", count: 114) + "-") && stem.utf8.count == 237)
    #expect(ResultFile.stem(of: "monday") == "monday")
  }

  // MARK: What stands in the way is said, and the set goes on

  private func expectWarning(_ words: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(service.log.of(.setArchived).count == 1, "\(service.log.text)", sourceLocation: location)
    #expect(service.log.of(.resultNotWritten).count == 1, sourceLocation: location)
    guard let line = service.log.of(.resultNotWritten).first else { return }
    #expect(
      line.priority == .warning && line["set"] != nil && line["remedy"] != nil, sourceLocation: location)
    #expect(line["reason"]?.contains(words) == true, "\(line.line)", sourceLocation: location)
  }

  @Test func `a link in place of the folder is not followed`() async throws {
    place.makeFolder(place.root + "/elsewhere")
    #expect(symlink(place.root + "/elsewhere", results) == 0)
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    #expect(place.files(below: "elsewhere") == [])
    expectWarning(".results")
  }

  @Test func `a link in place of a file is replaced, and what it points at is left alone`() async throws {
    place.makeFolder(results)
    place.write("precious", to: place.root + "/precious")
    for name in ["monday.accepted", ".monday.accepted.new", "monday.rejected.txt"] {
      #expect(symlink(place.root + "/precious", "\(results)/\(name)") == 0)
    }
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    #expect(place.text(place.root + "/precious") == "precious")
    #expect(found() == [".results/monday.accepted"] && service.log.of(.resultNotWritten).isEmpty)
    #expect(place.entries(below: "drop/hr/.results") == ["monday.accepted"])
  }

  @Test func `a folder in place of a file is left, and said`() async throws {
    place.makeFolder(results + "/monday.accepted/inside")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    expectWarning("monday.accepted")
  }

  @Test(arguments: [ENOSPC, EACCES, EROFS, EIO])
  func `a disk that refuses it stops no set`(errno: Int32) async throws {
    SampleSet(name: "monday").drop(in: place)
    let disk = Disk()
    disk.add(
      Disk.Failure(errno: errno, matches: { $0.purpose == "result" && $0.kind.changes }, times: .max))
    try await service.once(disk)
    expectWarning(".results")
  }

  @Test func `the results are never taken for a set, nor looked into`() async throws {
    place.makeFolder(results)
    place.write(SampleSet.control(keys: ["data0"]), to: results + "/control.json")
    place.write("[]", to: results + "/data0.json")
    try await service.once()
    #expect(simulator.record.jobs.isEmpty && service.log.of(.setClaimed).isEmpty)
    #expect(found() == [".results/control.json", ".results/data0.json"])
  }
}
