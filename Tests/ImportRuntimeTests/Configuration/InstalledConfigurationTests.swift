import Glibc
import ImportCore
import ImportSystem
import Testing

/// The files in `etc/` are what people read first: they must name every key, with the default that holds.
@Suite struct InstalledConfigurationTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

  private func text(_ name: String) throws -> String {
    let bytes = try FileSystem().openFile("\(Self.root)/etc/\(name)").readAll(atMost: 1 << 20)
    return try #require(String(validating: bytes, as: UTF8.self))
  }

  /// The same text with assignments and headers no longer commented out.
  private func uncommented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let isKey =
        line.hasPrefix("#") && line.dropFirst().prefix { $0 != "=" }.allSatisfy { $0.isLetter || $0 == "." }
      let isShown = line.hasPrefix("#[") || isKey && line.contains("=")
      return String(isShown ? line.dropFirst() : line)
    }.joined(separator: "\n")
  }

  @Test func `the installed file shows every key with its default`() throws {
    let shown = uncommented(try text("haplo-importd.conf"))
    let configuration = try Configuration.parse(
      [ConfigurationFile(path: "installed", text: shown)], environment: .init())
    let defaults = try Configuration.parse(
      [
        ConfigurationFile(
          path: "x",
          text:
            "[Server]\nURL=https://research.example.ac.uk\n[Source hr]\nFile.KEY=\nMinRecords.KEY=\nRecordKey.KEY=\n"
        )
      ],
      environment: .init())
    #expect(configuration.values.filter { $0.origin == .byDefault }.map(\.key) == [])
    #expect(
      configuration.values.map { "\($0.key)=\($0.text)" } == defaults.values.map { "\($0.key)=\($0.text)" })
  }

  @Test func `as installed, only the address and a source are missing`() throws {
    let file = ConfigurationFile(path: "installed", text: try text("haplo-importd.conf"))
    let error = try #require(throws: ConfigurationErrors.self) {
      try Configuration.parse([file], environment: .init())
    }
    #expect(error.findings.count == 2)
    #expect(error.findings[0].message.hasPrefix("URL= is missing"))
    #expect(error.findings[1].message.hasPrefix("there is no source"))
  }

  @Test(arguments: ["50-hr.conf.example", "60-finance.conf.example"])
  func `an example is a good source`(name: String) throws {
    let server = ConfigurationFile(path: "server", text: "[Server]\nURL=https://h\n")
    let example = ConfigurationFile(path: name, text: try text("haplo-importd.conf.d/\(name)"))
    let source = try #require(try Configuration.parse([server, example], environment: .init()).sources.first)
    #expect(source.mode == .dryRun)
    #expect(!source.fileRules.isEmpty)
  }
}
