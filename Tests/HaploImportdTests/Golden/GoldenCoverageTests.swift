import FoundationEssentials
import Glibc
import Testing

@testable import haplo_importd

/// A subcommand without golden texts is found here.
@Suite struct GoldenCoverageTests {
  /// The text of a suite that is next to this file.
  private func source(_ suite: String) throws -> String {
    let directory = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let data = try #require(FileManager.default.contents(atPath: "/\(directory)/\(suite).swift"))
    return String(decoding: data, as: UTF8.self)
  }

  /// The words that follow a pattern in these suites.
  private func words(after pattern: Regex<(Substring, Substring)>, in suites: [String]) throws -> Set<String>
  {
    try Set(suites.flatMap { try source($0).matches(of: pattern).map { String($0.output.1) } })
  }

  private static let names = Set(Subcommand.all.map(\.name))

  @Test func `every subcommand has golden texts of what it prints`() throws {
    let suites = ["GoldenReadingTests", "GoldenChangingTests", "GoldenSetsTests", "GoldenSelectionTests"]
    let found = try words(after: #/expect(?:Log)?\(\s*\[\s*"([a-z]+)"/#, in: suites)
    #expect(found == Self.names)
  }

  @Test func `every subcommand has golden texts of a wrong command line and of its other failures`() {
    #expect(Set(GoldenRefusalTests.usage.map { $0.0[0] }) == Self.names)
    // 'help' and 'version' fail in no other way.
    let failing = GoldenRefusalTests.missing.map { $0.0[0] } + GoldenRefusalTests.configured.map { $0[0] }
    #expect(Set(failing) == Self.names.subtracting(["help", "version"]))
  }

  @Test func `every subcommand with --json has a test of its members`() throws {
    let found = try words(after: #/objects\(\s*"([a-z]+)"/#, in: ["JSONMembersTests"])
    let printing = Subcommand.all.filter { $0.options.contains { $0.name == CommandOption.json.name } }
    #expect(found == Set(printing.map(\.name)))
  }

  @Test func `retry, approve, reject and discard have golden texts of --all, --source and --state`() throws {
    let selecting = Subcommand.all.filter { $0.options.contains { $0.name == CommandOption.allSets.name } }
    let text = try source("GoldenSelectionTests")
    for subcommand in selecting where subcommand.name != "list" {
      for option in ["--all", "--source", "--state"] {
        let calls = text.matches(of: #/expect\(\s*\[([^\]]*)\]/#).map(\.output.1)
        #expect(
          calls.contains { $0.contains("\"\(subcommand.name)\"") && $0.contains("\"\(option)\"") },
          "\(subcommand.name) \(option)")
      }
    }
  }
}
