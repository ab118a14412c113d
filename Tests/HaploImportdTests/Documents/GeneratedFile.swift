import Glibc
import Testing

/// A file that people read or shells run, made from a template beside it and the program's own tables, so that help,
/// manual and completion cannot drift apart. `make man` writes them.
///
/// In the template, a line that is nothing but a comment with `@@NAME@@` stands for a table.
struct GeneratedFile: Sendable, CustomTestStringConvertible {
  /// Below the project's directory. The template has `.in` behind it.
  let path: String
  /// Makes the lines for a placeholder; nil for an unknown one.
  let table: @Sendable (String) throws -> [String]?

  static let all = [
    GeneratedFile(path: "docs/man/haplo-importd.8", table: Manual.table),
    GeneratedFile(path: "docs/man/haplo-importd.conf.5", table: Manual.table),
    GeneratedFile(path: "docs/man/haplo-simulator.1", table: Manual.table),
    GeneratedFile(path: "etc/completions/haplo-importd.bash", table: Completion.bash),
    GeneratedFile(path: "etc/completions/haplo-importd.zsh", table: Completion.zsh),
    GeneratedFile(path: "etc/completions/haplo-importd.fish", table: Completion.fish),
  ]

  static let manuals = all.map(\.path).filter { $0.hasPrefix("docs/man/") }

  var testDescription: String { path }

  /// What the file has to be.
  func made() throws -> String {
    let template = try ProjectFile.text("\(path).in")
    return try template.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      guard let match = line.wholeMatch(of: #/\W*@@([a-z-]+)@@/#) else { return [String(line)] }
      let name = String(match.1)
      return try #require(try table(name), "there is no table '\(name)' for \(path).in")
    }.joined(separator: "\n")
  }
}

/// The project's own files.
enum ProjectFile {
  static let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

  static func text(_ path: String) throws -> String {
    let text = BuiltProgram.contents(of: "\(root)/\(path)")
    try #require(!text.isEmpty, "there is no \(path)")
    return text
  }

  static func write(_ text: String, to path: String) throws {
    let file = open("\(root)/\(path)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    let bytes = Array(text.utf8)
    try #require(file >= 0 && Glibc.write(file, bytes, bytes.count) == bytes.count, "cannot write \(path)")
    close(file)
  }
}
