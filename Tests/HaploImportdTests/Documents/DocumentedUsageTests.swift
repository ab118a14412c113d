import Testing

@testable import haplo_importd

/// Everything that the documents call by name exists: commands with their options, configuration keys, MESSAGE_IDs, files.
@Suite struct DocumentedUsageTests {
  /// The words of a command as the documents write it: a comment, a pipe and what follows a quote are left out.
  private static func words(_ command: Substring) -> [String] {
    let end = command.firstIndex { "#|;&>".contains($0) } ?? command.endIndex
    return command[..<end].split(separator: " ").map { String($0.filter { !"'\"".contains($0) }) }
  }

  /// The calls of the program in a page.
  private static func calls(_ page: DocumentPage) -> [[String]] {
    let lines = page.blocks.flatMap(\.lines) + page.inlineCode
    return lines.compactMap { line in
      let command = line.drop { $0 == " " }.trimmingPrefix(#/[A-Z_]+=\S+ /#)
      return command.hasPrefix("haplo-importd ") ? words(command) : nil
    }
  }

  @Test(arguments: DocumentPage.all)
  func `the program accepts every command of a page`(path: String) throws {
    for words in Self.calls(try DocumentPage(path)) {
      // Such as `haplo-importd VERSION has started`, and placeholders for a command.
      guard let first = words.dropFirst().first, !["VERSION", "COMMAND", "…"].contains(first) else {
        continue
      }
      #expect(throws: Never.self, "\(words.joined(separator: " "))") {
        let before = try ParsedArguments(
          Array(words.dropFirst()), CommandOption.common + [.version], stopping: true)
        let subcommand = try Program.find(try #require(before.operands.first))
        let after = try ParsedArguments(
          Array(before.operands.dropFirst()), CommandOption.common + subcommand.options, stopping: false)
        #expect(subcommand.operandCount.upperBound >= after.operands.count, "\(words)")
      }
    }
  }

  /// Keys of systemd's unit files and of other programs that the documents mention.
  private static let foreignKeys: Set = [
    "ReadWritePaths", "Environment", "RequiresMountsFor", "LoadCredential", "LoadCredentialEncrypted",
    "ExecStart",
    "ExecReload",
    "TimeoutStartSec", "TimeoutStopSec", "Restart", "IPAddressDeny", "IPAddressAllow", "ProtectSystem",
    "Documentation",
    "WatchdogSec", "Type", "ConditionPathExists", "OnCalendar", "CPUWeight", "MemoryMax", "TasksMax",
    "LimitNOFILE",
    "SystemCallFilter", "User", "Group", "UMask", "OnFailure", "Nice", "IOSchedulingClass",
  ]

  @Test(arguments: DocumentPage.all.filter { !$0.hasPrefix("docs/decisions") && $0 != "docs/performance.md" })
  func `every configuration key of a page exists`(path: String) throws {
    let page = try DocumentPage(path)
    // Another test compares this file with the table of keys.
    let known = Set(
      try ProjectFile.text("etc/haplo-importd.conf").matches(of: #/(?m)^#?([A-Z][A-Za-z]+)(?:\.[A-Z]+)?=/#)
        .map { String($0.output.1) })
    for code in page.inlineCode + page.blocks.filter({ $0.language != "sh" }).flatMap(\.lines) {
      guard let match = code.prefixMatch(of: #/([A-Z][A-Za-z]+)(?:\.[A-Za-z0-9-]+)?=/#) else { continue }
      let name = String(match.output.1)
      // Variables of make and of systemd are in capitals.
      if name == name.uppercased(), name != "URL" { continue }
      #expect(known.contains(name) || Self.foreignKeys.contains(name), "\(name)= in \(code)")
    }
  }

  @Test(arguments: DocumentPage.all)
  func `every MESSAGE_ID of a page is in the catalog`(path: String) throws {
    let catalog = try ProjectFile.text("systemd/catalog/haplo-importd.catalog")
    for match in try ProjectFile.text(path).matches(of: #/\b[0-9a-f]{32}\b/#) {
      #expect(catalog.contains("-- \(match.output)"), "\(match.output)")
    }
  }

  @Test func `every command of the message catalog is one that the program accepts`() throws {
    for match in try ProjectFile.text("systemd/catalog/haplo-importd.catalog").matches(
      of: #/'(haplo-importd [^']+)'/#)
    {
      let words = Self.words(match.output.1)
      #expect(throws: Never.self, "\(match.output.1)") {
        let before = try ParsedArguments(Array(words.dropFirst()), CommandOption.common, stopping: true)
        let subcommand = try Program.find(try #require(before.operands.first))
        _ = try ParsedArguments(
          Array(before.operands.dropFirst()), CommandOption.common + subcommand.options, stopping: false)
      }
    }
  }
}
