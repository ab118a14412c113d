import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// A file of a set in `work/` that somebody replaces between its reading and its sending.
@Suite struct ReplacedFileTests {
  static let secret = "[{\"n\": \"secret\"}]"

  /// Of the folder, the files are open since it was judged.
  @Test(arguments: ["link", "pipe", "folder", "the same bytes"], [CrashTests.Drop.flat, .folder])
  func `what was put in the place of a file is not sent unseen`(what: String, drop: CrashTests.Drop)
    async throws
  {
    var trial = try Trial(drop)
    // The time of tests passes in leaps, by hours on a busy machine.
    trial.service.sources = ["hr": "HoldAfterSec=infinity"]
    let place = trial.place
    let original = trial.sets[0].content("data0")
    place.write(Self.secret, to: place.root + "/secret.json")
    let replaced = Mutex<String?>(nil)
    let disk = Disk()
    disk.add(
      Disk.Failure(errno: EIO) { operation in
        guard operation.purpose == "send", operation.object.hasSuffix("/data0.json") else { return false }
        replaced.withLock { path in
          guard path == nil else { return }
          path = operation.object
          Self.replace(operation.object, by: what, original, place)
        }
        return false
      })
    try await trial.service.once(disk)
    #expect(replaced.withLock { $0 != nil }, "no file was opened for sending")
    if what == "the same bytes" {
      try await trial.service.onceUntilSettled()
      trial.promise(what).check()
    } else {
      // It is no file any more, and will not be one by itself: that is for a person.
      #expect(trial.simulator.record.jobs.isEmpty, "\(trial.service.log.text)")
      #expect(trial.service.log.of(.setRejected).first?["reason"]?.contains("data0") == true)
      #expect(place.files(below: "spool/rejected").contains { $0.hasSuffix("/REASON.txt") })
    }
    let sent = trial.simulator.record.batches.flatMap(\.uploads).map(\.digest)
    #expect(!sent.contains(SampleSet.digest(Self.secret)))
  }

  @Test func `what came with a set and was not sent is in its receipt`() async throws {
    let trial = try Trial(.twoFolders)
    let disk = Disk()
    disk.add(
      Disk.Failure(errno: EIO) { operation in
        guard operation.purpose == "send", operation.object.hasSuffix("/data0.json") else { return false }
        let folder = operation.object.dropLast("data0.json".count)
        mkdir(folder + "notes", 0o755)
        trial.place.write("read me", to: folder + "notes/readme.txt")
        trial.place.write("too", to: folder + "other.txt")
        return false
      })
    try await trial.service.once(disk)
    let receipts = trial.place.files(below: "spool/archive").filter { $0.hasSuffix("/receipt.json") }
    #expect(receipts.count == 2)
    for path in receipts {
      let receipt = try JSONDecoder().decode(
        Receipt.self, from: Data(trial.place.bytes("\(trial.place.spool)/archive/\(path)")))
      #expect(receipt.others?.map(\.file) == ["notes/readme.txt", "other.txt"])
      #expect(receipt.others?.first?.sha256.hex == SampleSet.digest("read me"))
    }
  }

  private static func replace(_ path: String, by what: String, _ original: String, _ place: Place) {
    unlink(path)
    switch what {
    case "link": symlink(place.root + "/secret.json", path)
    case "pipe": mkfifo(path, 0o644)
    case "folder": mkdir(path, 0o755)
    default: place.write(original, to: path)
    }
  }
}
