import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

extension ProgramBench {
  /// A text with everything that differs from run to run under a name in capitals: `DIR`, `URL`, `SET`, `BATCH`, `TIME`,
  /// `DATE` (the archive's folders of a day), `PROCESS`, `RECORDS`, `USER`, and `COUNT` of sets that wait at the start, where
  /// the first look may have found some already.
  func normalised(_ text: String) -> String {
    var text = text.replacing(directory, with: "DIR").replacing(simulator.url, with: "URL")
    for job in simulator.record.jobs { text = text.replacing(job.batch, with: "BATCH") }
    text = text.replacing(#/\d{8}T\d{6}Z-(?:hr|it)-[a-z0-9]{8}/#, with: "SET")
      .replacing(#/\d{4}-\d{2}-\d{2}T[0-9:.]+Z/#, with: "TIME")
      .replacing(#/\/\d{4}\/\d{2}\/\d{2}\//#, with: "/DATE/")
      .replacing(#/process \d+/#, with: "process PROCESS")
      .replacing(#/\d+ records of/#, with: "RECORDS records of")
      .replacing(#/ waiting=\d+/#, with: " waiting=COUNT")
    for before in ["by ", "by="] { text = text.replacing(before + Self.user, with: before + "USER") }
    return text
  }

  /// Who runs the tests.
  private static let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"

  /// The ids of all sets, newest last.
  func ids() throws -> [String] {
    try json(run("list", "--json")).map { try #require($0["set"]?.text) }
  }

  /// Expects what a command prints, normalised, to be this to the letter but for the newline at its end. Lines of output that end
  /// in `left` are not compared.
  func expect(
    _ command: [String], _ status: Int32 = 0, output: String = "", without left: String? = nil,
    errors: String = "", at place: SourceLocation = #_sourceLocation
  ) {
    let run = BuiltProgram.run(["--config", configuration] + command)
    #expect(run.status == status, sourceLocation: place)
    let lines = normalised(run.output).split(separator: "\n", omittingEmptySubsequences: false)
    let compared = lines.filter { line in left.map { !line.hasSuffix($0) } ?? true }.joined(separator: "\n")
    #expect(compared == (output.isEmpty ? "" : output + "\n"), sourceLocation: place)
    #expect(normalised(run.errors) == (errors.isEmpty ? "" : errors + "\n"), sourceLocation: place)
  }

  /// Expects what a command that was started has logged by its end, normalised, to be this to the letter.
  func expectLog(
    _ command: [String], of program: RunningProgram, _ text: String,
    at place: SourceLocation = #_sourceLocation
  ) {
    #expect(normalised(program.transcript) == text, "\(command)", sourceLocation: place)
  }
}
