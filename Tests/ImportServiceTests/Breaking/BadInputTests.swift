import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

/// Whatever is wrong with one set, the message names thing, place and remedy, nothing is lost, and the others go on.
@Suite struct BadInputTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService
  let good = SampleSet(name: "good", source: "finance")

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources = ["hr": "IncompleteWarnSec=1min", "finance": ""]
    good.drop(in: place)
  }

  private func goodWentOn() {
    Promise(place: place, record: simulator.record, scheduled: [good]).checkScheduling()
  }

  /// Rows: a control file, and what the message says of it.
  @Test(arguments: [
    ("{\"dataImportControlFileVersion\": 1}", "control.json:1:"),
    (
      "{\"dataImportControlFileVersion\": 0,\n \"model\": \"std:x\", \"files\": {\"a\": {}}}",
      "control.json:2:"
    ),
    ("[]", "control.json:1:1"), ("", "control.json:1:1"), ("\u{feff}{}", "control.json:1:1"),
    ("{\"a\": 1", "control.json:1:"),
  ])
  func `an invalid control file is rejected with line and column`(text: String, expected: String) async throws
  {
    place.makeFolder(place.drop() + "/bad")
    place.write("[]", to: place.drop() + "/bad/data0.json")
    place.write(text, to: place.drop() + "/bad/control.json")
    let summary = try await service.once()
    #expect(summary.rejected == 1)
    let told = try #require(service.log.of(.setRejected).first)
    #expect(told["reason"]?.contains(expected) == true && told["remedy"] != nil, "\(told.line)")
    let rejected = place.files(below: "spool/rejected")
    #expect(rejected.count { $0.contains("/files/") } == 2 && rejected.count == 4)
    goodWentOn()
  }

  /// Rows: files beside the control file, which names `data0`, and words of the message.
  @Test(arguments: [
    ([], ["data0"]), (["data0.json", "data0.tsv"], ["data0", "data0.json", "data0.tsv"]),
    (["other.json"], ["data0"]),
  ])
  func `a missing or doubled data file is waited for, and said`(files: [String], words: [String]) async throws
  {
    place.makeFolder(place.drop() + "/bad")
    for file in files { place.write("[]", to: "\(place.drop())/bad/\(file)") }
    place.write(SampleSet.control(keys: ["data0"]), to: place.drop() + "/bad/control.json")
    let daemon = Task { try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.dropIncomplete))
    daemon.cancel()
    _ = try await daemon.value
    try await service.once()
    let told = try #require(service.log.of(.dropIncomplete).first)
    for word in words + ["bad"] { #expect(told.line.contains(word), "\(told.line)") }
    #expect(place.files(below: "spool/drop/hr/bad").count == files.count + 1)
    goodWentOn()
  }

  @Test func `a file that cannot be read is waited for, and said`() async throws {
    SampleSet(name: "bad").drop(in: place)
    let disk = Disk()
    disk.add(
      Disk.Failure(
        errno: EACCES, matches: { $0.kind == .open && $0.object.hasSuffix("bad/data1.json") }, times: .max))
    let daemon = Task { try await service.run(.daemon, disk) }
    #expect(await service.log.tell(.dropIncomplete))
    daemon.cancel()
    _ = try await daemon.value
    try await service.once(disk)
    let told = try #require(service.log.of(.dropIncomplete).first)
    #expect(told.line.contains("data1.json") && told.line.contains("cannot read this file"), "\(told.line)")
    #expect(place.files(below: "spool/drop/hr/bad").count == 3)
    goodWentOn()
  }

  @Test func `a file that became unreadable after the claim is held`() async throws {
    SampleSet(name: "bad").drop(in: place)
    let disk = Disk()
    let path = place.drop() + "/bad/data1.json"
    disk.add(
      Disk.Failure(
        errno: EACCES,
        matches: {
          if $0.kind == .rename && $0.purpose == "claim" { chmod(path, 0) }
          return $0.kind == .open && $0.object.contains("/hr/") && $0.object.hasSuffix("files/data1.json")
        },
        times: .max))
    try await service.once(disk)
    let told = try #require(service.log.of(.setHeld).first)
    #expect(
      told["reason"]?.contains("data1.json") == true && told["remedy"]?.contains("right to read") == true)
    #expect(place.files(below: "spool/held").count == 5)
    goodWentOn()
  }

  @Test func `a server that is down is named, and the sets wait`() async throws {
    var service = service
    service.url = "http://127.0.0.1:1"  // the port of a stopped simulator may be another's a moment later
    let summary = try await service.once()
    #expect(summary.deferred == 1 && summary.rejected == 0)
    let told = try #require(service.log.of(.setDeferred).first)
    #expect(told["reason"]?.contains("connection refused") == true && told["next"] != nil, "\(told.line)")
    #expect(place.files(below: "spool/work").count == 3)
  }

  @Test func `too little free space takes nothing, says where, and goes on by itself`() async throws {
    var tight = service
    tight.daemon = "MinFreeSpace=900000G"
    let summary = try await tight.once()
    #expect(summary.isBlocked)
    let told = try #require(service.log.of(.diskFull).first)
    #expect(told["path"] == place.spool && told["remedy"] != nil)
    #expect(place.files(below: "spool/drop").count == 3)
    try await service.onceUntilSettled()
    goodWentOn()
  }

  @Test func `an unknown key keeps it from starting, and nothing is touched`() async throws {
    var wrong = service
    wrong.server = "UrL=x"
    #expect(await wrong.complaint().contains("haplo-importd.conf:4: error: "))
    #expect(place.files(below: "spool/drop").count == 3 && place.files(below: "state") == [])
  }
}
