import FoundationEssentials
import ImportService

extension Invocation {
  /// The ids of the command line, with `-` replaced by those of standard input: one at the beginning of each line, as `list`
  /// prints them. Lines that begin with no id, and a list of no sets, name none.
  ///
  /// - Throws: ``Failure/usage(_:subcommand:)`` for an empty id.
  func ids() throws(Failure) -> [String] {
    var ids: [String] = []
    for operand in operands {
      guard !operand.isEmpty else { throw .usage("an empty id names no set", subcommand: command) }
      guard operand == "-" else { ids.append(operand); continue }
      while let line = readLine() {
        guard let word = line.split(separator: " ").first, !line.hasPrefix(" "), word != SetTable.headline,
          line != SetTable.nothing
        else { continue }
        ids.append(String(word))
      }
    }
    return ids
  }

  /// A path from the root, without `.` and empty components; `..` is left to the kernel.
  static func absolute(_ path: String) -> String {
    "/" + components(path).joined(separator: "/")
  }

  /// A path from the root, in which `..` is resolved by its name: the path need not be there.
  static func resolved(_ path: String) -> String {
    var parts: [Substring] = []
    for part in components(path) { if part == ".." { _ = parts.popLast() } else { parts.append(part) } }
    return "/" + parts.joined(separator: "/")
  }

  private static func components(_ path: String) -> [Substring] {
    let whole = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    return whole.split(separator: "/").filter { $0 != "." }
  }
}
