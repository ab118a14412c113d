import FoundationEssentials
import HaploSimulator
import Testing

/// What `retry`, `approve`, `reject` and `discard` print with `--all`, `--source` and `--state`, to the letter.
@Suite struct GoldenSelectionTests {
  private static let note = "haplo-importd: the daemon is not running; this is what its journal says"
  private static let atStart = "haplo-importd: the daemon is not running; it acts on this at its next start"
  private static let done = "haplo-importd: the daemon is not running; this command has done the work itself"
  private static let noChange = "haplo-importd: the daemon is not running, and nothing was changed"
  private let bench: ProgramBench

  init() throws {
    bench = try ProgramBench(rest: "[Source it]\nQuietSec=0")
    try FileManager.default.createDirectory(
      atPath: bench.directory + "/spool/drop/it", withIntermediateDirectories: true)
  }

  private func configure(mode: String) throws {
    try bench.configure(source: "QuietSec=0\nMode=\(mode)", rest: "[Source it]\nQuietSec=0\nMode=\(mode)")
  }

  /// A rejected set in each of two sources.
  private func makeRejected() throws {
    for source in ["hr", "it"] { try bench.dropFolder("bad", source: source, control: "[]") }
    try #require(bench.run("once").status == 65)
  }

  /// A set that awaits approval in each of two sources.
  private func makeAwaiting() throws {
    try configure(mode: "approve")
    for source in ["hr", "it"] { try bench.dropFolder("good", source: source) }
    try #require(bench.run("once").status == 0)
  }

  @Test func `retry`() throws {
    try makeRejected()
    bench.expect(["retry", "--all", "--state", "held"], errors: Self.note)
    bench.expect(["retry", "--all", "--source", "it"], output: "SET: requeued", errors: Self.atStart)
    bench.expect(["retry", "--all"], output: "SET: requeued", errors: Self.atStart)
    bench.expect(
      ["retry", "--all", "--source", "nobody"], 66,
      errors: "haplo-importd: there is no source 'nobody' in the configuration; it has: hr, it")
    let refusal =
      "haplo-importd: SET: only held, rejected and archived sets can be retried; this set is claimed"
    bench.expect(
      ["retry", "--all", "--state", "claimed"], 65, errors: "\(Self.noChange)\n\(refusal)\n\(refusal)")
  }

  @Test func `approve`() throws {
    try makeAwaiting()
    bench.expect(
      ["approve", "--all", "--source", "it"], output: "SET: approved; queued for import", errors: Self.atStart
    )
    bench.expect(
      ["approve", "--all", "--state", "awaiting-approval"], output: "SET: approved; queued for import",
      errors: Self.atStart)
    bench.expect(["approve", "--all"], errors: Self.note)
    bench.expect(
      ["approve", "--all", "--state", "claimed", "--source", "it"], 65,
      errors: "\(Self.noChange)\nhaplo-importd: SET: the set does not await approval; it is claimed")
  }

  @Test func `reject`() throws {
    try makeAwaiting()
    bench.expect(["reject", "--reason", "x", "--all", "--state", "held"], errors: Self.note)
    bench.expect(
      ["reject", "--reason", "x", "--all", "--source", "hr"], output: "SET: rejected", errors: Self.done)
    bench.expect(["reject", "--reason", "x", "--all"], output: "SET: rejected", errors: Self.done)
    bench.expect(
      ["reject", "--reason", "x", "--all", "--state", "rejected", "--source", "it"], 65,
      errors: "\(Self.noChange)\nhaplo-importd: SET: the set is rejected already; to delete it, run "
        + "'haplo-importd discard SET'")
  }

  @Test func `discard`() throws {
    try makeRejected()
    bench.expect(
      ["discard", "--all", "--source", "it", "--state", "rejected"],
      output: "SET: discarded; its files are deleted", errors: Self.done)
    bench.expect(["discard", "--all"], output: "SET: discarded; its files are deleted", errors: Self.done)
    bench.expect(["discard", "--all"], errors: Self.note)
    try makeAwaiting()
    let refusal = "haplo-importd: SET: only rejected sets can be discarded; this set is awaiting-approval"
    bench.expect(
      ["discard", "--all", "--state", "awaiting-approval"], 65,
      errors: "\(Self.noChange)\n\(refusal)\n\(refusal)")
  }

  @Test func `the running daemon says the same, and nothing besides`() throws {
    try makeRejected()
    let daemon = try bench.startDaemon()
    let line = "SET: discarded; its files are being deleted"
    bench.expect(["discard", "--all"], output: "\(line)\n\(line)")
    bench.expect(["retry", "--all"])
    bench.expect(
      ["retry", "--all", "--source", "nobody"], 66,
      errors: "haplo-importd: there is no source 'nobody' in the configuration; it has: hr, it")
    daemon.signal(15)
    #expect(daemon.end() == 0)
  }
}
