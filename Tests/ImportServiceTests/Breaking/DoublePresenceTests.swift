import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// After a power cut a file that was renamed can stand under both its names (btrfs: if only the new directory was
/// synced), and a backup that is put back brings back folders that were moved since. What stands twice is scheduled once,
/// and ends in one place.
@Suite struct DoublePresenceTests {
  /// Every choice of a flat set's files.
  private static let choices = (1..<8).map { bits in
    ["data0.json", "data1.json", "control.json"].enumerated().filter { bits >> $0.offset & 1 == 1 }.map(
      \.element)
  }

  @Test(arguments: choices)
  func `files of a flat set that stand in drop and work`(names: [String]) async throws {
    let trial = try Trial(.flat)
    // Everything is renamed, and the drop directory is about to be synced.
    let death = try await die(trial) { [drop = trial.place.drop()] in
      $0.kind == .sync && $0.purpose == "claim" && $0.object == drop
    }
    let set = try #require(try trial.place.folders("work").first)
    for name in names { trial.place.link("work/\(set)/files/\(name)", to: "drop/hr/\(name)") }
    try await trial.service.onceUntilSettled()
    trial.promise("\(names) twice, \(death)").check()
  }

  /// It can be changed by then, so that the claim cannot go on; the others are there already.
  @Test func `a first file that a power cut brought back holds the set, and stops nothing`() async throws {
    let trial = try Trial(.flat)
    _ = try await die(trial) { [drop = trial.place.drop()] in
      $0.kind == .sync && $0.purpose == "claim" && $0.object == drop
    }
    let set = try #require(try trial.place.folders("work").first)
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(trial.place.spool)/work/\(set)/files")
    for name in names.sorted().prefix(2) {
      trial.place.link("work/\(set)/files/\(name)", to: "drop/hr/\(name)")
    }
    let first = try #require(names.sorted().first { $0.hasPrefix("data") })
    #expect(unlink("\(trial.place.spool)/work/\(set)/files/\(first)") == 0)
    let next = SampleSet(name: "next")
    next.drop(in: trial.place)
    try await trial.service.onceUntilSettled()
    #expect(try trial.place.folders("work") == [] && trial.place.folders("held").count == 1)
    #expect(trial.simulator.record.jobs.count == 1, "\(trial.service.log.text)")
    #expect(trial.place.entries(below: "drop/hr").filter { $0.hasSuffix(".json") } == [first])
  }

  @Test func `files that were dropped meanwhile under the same names are another set`() async throws {
    let trial = try Trial(.flat)
    _ = try await die(trial) { [drop = trial.place.drop()] in
      $0.kind == .sync && $0.purpose == "claim" && $0.object == drop
    }
    let next = SampleSet(name: "next", form: .flat)
    next.drop(in: trial.place)
    try await trial.service.onceUntilSettled()
    Promise(
      place: trial.place, record: trial.simulator.record, scheduled: trial.sets + [next],
      context: trial.service.log.text
    ).check()
  }

  enum Copy: CaseIterable, Sendable {
    case linked, copied, partly, emptied
  }

  @Test(arguments: Copy.allCases)
  func `a set that stands in work and archive`(copy: Copy) async throws {
    let trial = try Trial(.twoFolders)
    let death = try await die(trial) {
      $0.kind == .sync && $0.object.split(separator: "/").suffix(5).starts(with: ["archive", "hr"])
    }
    let set = try #require(try trial.place.folders("archive").first)
    let name = try #require(set.split(separator: "/").last)
    trial.place.double("archive/\(set)", at: "work/hr/\(name)", copy)
    try await trial.service.onceUntilSettled()
    trial.promise("\(copy), \(death)").check()
  }

  @Test func `an archive move that is done already is done`() async throws {
    let trial = try Trial(.twoFolders)
    let death = try await die(trial) {
      $0.kind == .sync && $0.purpose == "archive" && $0.object.hasSuffix("/work/hr")
    }
    try await trial.service.onceUntilSettled()
    trial.promise("\(death)").check()
  }

  @Test(arguments: Copy.allCases)
  func `a set that stands in work and rejected`(copy: Copy) async throws {
    let place = Place()
    let simulator = try Simulator(apiKey: TestService.key)
    let service = TestService(place, simulator)
    place.makeFolder(place.drop() + "/bad")
    place.write("no JSON", to: place.drop() + "/bad/control.json")
    let disk = Disk(dyingAt: 1) {
      $0.kind == .sync && $0.purpose == "rejected" && $0.object.hasSuffix("/work/hr")
    }
    _ = try? await service.once(disk)
    #expect(disk.isDead)
    let set = try #require(try place.folders("rejected").first)
    place.double("rejected/\(set)", at: "work/\(set)", copy)
    try await service.onceUntilSettled()
    #expect(place.files().filter { $0.hasSuffix("/control.json") }.count == 1)
    #expect(try place.folders("work").isEmpty && place.folders("rejected") == [set])
  }

  /// A person must say which is right, and nothing is touched before.
  @Test func `a set that stands in archive with other bytes waits, and says why`() async throws {
    let trial = try Trial(.flat)
    _ = try await die(trial) { $0.kind == .rename && $0.purpose == "archive" && !$0.object.contains(".new") }
    let set = try #require(try trial.place.folders("work").first)
    let archive = "\(trial.place.spool)/archive/\(archivePath(of: set))"
    trial.place.double("work/\(set)", at: "archive/\(archivePath(of: set))", .copied)
    trial.place.write("other", to: archive + "/files/data0.json")
    let before = trial.place.files()
    let lines = try await waitForDisk(trial)
    #expect(lines.contains("they differ"), "\(lines)")
    #expect(trial.place.files() == before)
    try FileManager.default.removeItem(atPath: archive)
    try await trial.service.onceUntilSettled()
    trial.promise("the other was taken away").check()
  }

  @Test func `a set of another life in the archive is not taken for this one`() async throws {
    let trial = try Trial(.flat)
    _ = try await die(trial) { $0.kind == .rename && $0.purpose == "archive" && !$0.object.contains(".new") }
    let set = try #require(try trial.place.folders("work").first)
    let archive = "\(trial.place.spool)/archive/\(archivePath(of: set))"
    trial.place.double("work/\(set)", at: "archive/\(archivePath(of: set))", .copied)
    try FileManager.default.removeItem(atPath: archive + "/receipt.json")
    let lines = try await waitForDisk(trial)
    #expect(lines.contains("another import"), "\(lines)")
    #expect(trial.place.bytes("\(trial.place.spool)/work/\(set)/files/data0.json").count > 0)
  }

  @Test(arguments: [SpoolArea.archive, .held, .rejected])
  func `a set that nobody knows and that stands elsewhere too is held`(area: SpoolArea) async throws {
    let trial = try Trial(.twoFolders)
    try await trial.service.onceUntilSettled()
    let set = try #require(try trial.place.folders("archive").first)
    let name = try #require(set.split(separator: "/").last)
    if area != .archive { trial.place.double("archive/\(set)", at: "\(area.rawValue)/hr/\(name)", .copied) }
    trial.place.double("archive/\(set)", at: "work/hr/\(name)", .copied)
    try await trial.service.once()
    #expect(trial.simulator.record.jobs.count == 2, "\(trial.service.log.text)")
    #expect(trial.service.log.of(.setHeld).count == 1)
    #expect(try trial.place.folders("work").isEmpty)
    #expect(try trial.place.folders("held") == ["hr/\(name)"])
  }

  @Test(arguments: [Copy.linked, .copied, .partly])
  func `a set that stands in held and work after it was returned`(copy: Copy) throws {
    let place = Place()
    let spool = try Spool(path: place.spool, fileSystem: FileSystem())
    let set = SetID("20261124T070512Z-hr-7f3k2m9q")!
    place.makeFolder("\(place.spool)/held/hr/\(set)/files")
    place.write("held", to: "\(place.spool)/held/hr/\(set)/REASON.txt")
    for name in ["control.json", "data0.json"] {
      place.write(name, to: "\(place.spool)/held/hr/\(set)/files/\(name)")
    }
    place.double("held/hr/\(set)", at: "work/hr/\(set)", .copied)
    try FileManager.default.removeItem(atPath: "\(place.spool)/held/hr/\(set)")
    place.double("work/hr/\(set)", at: "held/hr/\(set)", copy)
    #expect(try SetMover(spool).moveBack(set, from: .held))
    #expect(try place.folders("held") == [])
    #expect(place.files().map { String($0.split(separator: "/").last!) } == ["control.json", "data0.json"])
  }

  /// Lets the machine die at the first call for which `moment` holds. Returns that call.
  private func die(_ trial: Trial, at moment: @escaping @Sendable (FileOperation) -> Bool) async throws
    -> FileOperation
  {
    let disk = Disk(dyingAt: 1, counting: moment)
    _ = try? await trial.service.once(disk)
    return try #require(disk.last, "that moment never came: \(trial.service.log.text)")
  }

  /// Runs the daemon until it says that something cannot be done now. Returns what it said.
  private func waitForDisk(_ trial: Trial) async throws -> String {
    var service = trial.service
    service.log = Lines()
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.inputOutputError))
    daemon.cancel()
    _ = try await daemon.value
    return service.log.text
  }

  /// `hr/2026/11/24/ID` for `hr/ID`.
  private func archivePath(of set: String) -> String {
    let (source, name) = (set.split(separator: "/")[0], set.split(separator: "/")[1])
    let date = name.prefix(8)
    return "\(source)/\(date.prefix(4))/\(date.dropFirst(4).prefix(2))/\(date.suffix(2))/\(name)"
  }
}

extension Place {
  /// The sets' folders in an area, by path from there.
  fileprivate func folders(_ area: String) throws -> [String] {
    entries(below: area).filter { SetID(String($0.split(separator: "/").last!)) != nil }
  }

  fileprivate func link(_ path: String, to other: String) {
    guard Glibc.link("\(spool)/\(path)", "\(spool)/\(other)") == 0 else {
      preconditionFailure("cannot link \(path) to \(other): \(errno)")
    }
  }

  /// Makes a folder stand in two places.
  fileprivate func double(_ path: String, at other: String, _ copy: DoublePresenceTests.Copy) {
    makeFolder("\(spool)/\(other)")
    for entry in entries(below: path) {
      var isFolder = false
      _ = FileManager.default.fileExists(atPath: "\(spool)/\(path)/\(entry)", isDirectory: &isFolder)
      if isFolder {
        makeFolder("\(spool)/\(other)/\(entry)")
        continue
      }
      switch copy {
      case .linked: link("\(path)/\(entry)", to: "\(other)/\(entry)")
      case .partly where entry.hasSuffix("data0.json"): continue
      case .copied, .partly: write(text("\(spool)/\(path)/\(entry)"), to: "\(spool)/\(other)/\(entry)")
      case .emptied: continue
      }
    }
  }
}
