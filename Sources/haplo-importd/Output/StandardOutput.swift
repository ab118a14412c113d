import FoundationEssentials
import Glibc
import ImportCore
import ImportService
import ImportSystem

/// Writes to standard output, and says when that cannot be done: a full disk must not look like success.
enum StandardOutput {
  /// Writes lines, and a newline after the last one, with every other control character escaped.
  static func writeLine(_ text: String) throws(Failure) {
    try write(PrintableText.escapingLines(text) + "\n")
  }

  /// Writes a line that was escaped before it got its colours.
  static func writeStyled(_ line: String) throws(Failure) { try write(line + "\n") }

  /// Writes each finding on a line of its own.
  static func write(_ findings: [FileFinding], asJSON: Bool) throws(Failure) {
    for finding in findings {
      if asJSON { try writeJSON(finding) } else { try writeLine(finding.line) }
    }
  }

  /// Writes `text` as it is.
  static func write(_ text: String) throws(Failure) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes.removeFirst(count)
      } else if errno != EINTR {
        throw .system(SystemError(call: "write to", object: "standard output", errno: errno))
      }
    }
  }

  /// Writes a value as one line of JSON, members in the order of their names.
  static func writeJSON(_ value: some Encodable) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("\(type(of: value)) is not JSON") }
    try write(String(decoding: data, as: UTF8.self) + "\n")
  }
}

/// The program: its name as users type it and as its messages begin.
enum Program {
  static let name = "haplo-importd"
}
