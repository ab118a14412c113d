import Glibc
import Testing

/// A document of the project, taken apart: its code blocks by section, and what it has in running text.
struct DocumentPage: Sendable, CustomTestStringConvertible {
  /// A fenced block.
  struct Block: Sendable {
    /// The nearest heading above it, without its number signs.
    let heading: String
    /// The word after the opening fence, such as `sh`; may be empty.
    let language: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n") }
  }

  /// Below the project's directory.
  let path: String
  let blocks: [Block]
  /// The lines outside of blocks.
  let prose: [Substring]
  /// The headings, in order.
  let headings: [String]

  var testDescription: String { path }

  init(_ path: String) throws {
    self.path = path
    var (blocks, prose, headings): ([Block], [Substring], [String]) = ([], [], [])
    var open: (language: String, lines: [Substring])?
    for line in try ProjectFile.text(path).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(
            Block(
              heading: headings.last ?? "", language: block.language,
              text: block.lines.joined(separator: "\n")))
          open = nil
        } else {
          open = (String(line.dropFirst(3)), [])
        }
      } else if open != nil {
        open?.lines.append(line)
      } else {
        if line.hasPrefix("#") { headings.append(String(line.drop { $0 == "#" || $0 == " " })) }
        prose.append(line)
      }
    }
    try #require(open == nil, "a block of \(path) does not end")
    (self.blocks, self.prose, self.headings) = (blocks, prose, headings)
  }

  /// The text between grave accents in running text.
  var inlineCode: [Substring] {
    prose.flatMap { line in line.matches(of: #/`([^`]+)`/#).map(\.output.1) }
  }

  /// The first block of a language in a section.
  func block(_ heading: String, _ language: String = "sh") throws -> Block {
    try #require(
      blocks.first { $0.heading == heading && $0.language == language },
      "\(path) has no \(language) under '\(heading)'")
  }

  /// README, all pages of docs/, and the decisions.
  static let all: [String] =
    ["README.md", "etc/examples/README.md"]
    + ["docs", "docs/decisions"].flatMap { directory in
      names(in: directory).filter { $0.hasSuffix(".md") }.map { "\(directory)/\($0)" }
    }

  private static func names(in directory: String) -> [String] {
    guard let stream = opendir("\(ProjectFile.root)/\(directory)") else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.sorted()
  }
}
