import ImportCore
import Testing

/// Time spans without a unit.
@Suite struct UnitlessNumberTests {
  private func warnings(_ lines: String) throws -> [String] {
    try Sample.parse(Sample.minimal + lines).warnings.map(\.description)
  }

  @Test func `a bare number counts as seconds, and a warning says so with the line to write`() throws {
    #expect(
      try warnings("QuietSec=5\n") == [
        "/etc/0.conf:4: warning: QuietSec=5 has a number without a unit, which counts as seconds; "
          + "write 'QuietSec=5s'"
      ])
    #expect(try Sample.parse(Sample.minimal + "QuietSec=5\n").sources[0].quiet == .seconds(5))
  }

  @Test(arguments: [
    ("IncompleteWarnSec=90", "90s"), ("ArchiveKeepSec=1h 30", "1h 30s"), ("ExpectEverySec=1.5", "1.5s"),
    ("HoldAfterSec=30 5min", "30s 5min"), ("[Server]\nConnectTimeoutSec=7", "7s"),
  ])
  func `every time span is looked at, each number of it`(line: String, written: String) throws {
    let warnings = try warnings(line + "\n")
    #expect(warnings.count == 1 && warnings[0].hasSuffix("=\(written)'"), "\(warnings)")
  }

  @Test(arguments: [
    "QuietSec=0", "QuietSec=5s", "QuietSec=1h 30s", "QuietSec=1 h", "IncompleteRejectSec=infinity",
    "MaxInFlight=5", "MinRecords=5", "[Daemon]\nMinFreeSpace=5",
  ])
  func `a unit, zero, infinity, and numbers of other things need none`(line: String) throws {
    #expect(try warnings(line + "\n") == [])
  }
}
