import FoundationEssentials
import Testing

/// An archive with more sets than the process may have descriptors.
@Suite struct LargeArchiveTests {
  @Test func `it is listed, verified and pruned with a few descriptors`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nArchiveKeepSec=1min")
    try bench.dropFolder("one")
    #expect(bench.run("once").status == 0)
    let set = try #require(try bench.json(bench.run("list", "--json")).first?["set"]?.text)
    let path = try #require(try bench.json(bench.run("list", "--json")).first?["path"]?.text)
    for number in 0..<120 { try copy(path, as: String(set.dropLast(3)) + tail(number), set) }

    let verify = limited(bench, "verify")
    #expect(verify.end() == 0, "\(verify.transcript)")
    #expect(verify.transcript.contains("verified 121 sets") && verify.transcript.contains("all as recorded"))
    #expect(limited(bench, "list").end() == 0)
    let prune = limited(bench, "prune --dry-run")
    #expect(prune.end() == 0, "\(prune.transcript)")
  }

  /// Runs the program with no more than 48 descriptors, all that it prints on its standard error.
  private func limited(_ bench: ProgramBench, _ command: String) -> RunningProgram {
    RunningProgram(running: [
      "/bin/sh", "-c",
      "ulimit -n 48; exec '\(BuiltProgram.path)' --config '\(bench.configuration)' \(command) >&2",
    ])
  }

  private func copy(_ path: String, as name: String, _ set: String) throws {
    let target = String(path.dropLast(set.utf8.count)) + name
    try FileManager.default.copyItem(atPath: path, toPath: target)
    let receipt = String(
      decoding: FileManager.default.contents(atPath: path + "/receipt.json") ?? Data(), as: UTF8.self)
    #expect(receipt.contains(set))
    try FileManager.default.removeItem(atPath: target + "/receipt.json")
    try #require(
      FileManager.default.createFile(
        atPath: target + "/receipt.json", contents: Data(receipt.replacing(set, with: name).utf8)))
  }

  /// Three letters for a number.
  private func tail(_ number: Int) -> String {
    let letters = Array("abcdefghjk")
    return String([letters[number / 100], letters[number / 10 % 10], letters[number % 10]])
  }
}
