import Glibc
import ImportSystem

/// The arguments of the process.
enum CommandArguments {
  /// The arguments as text. Where one is not UTF-8, each of its path's names that is not is written as the daemon writes the
  /// names of such files, so that `explain` finds the file.
  static var readable: [String] {
    (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0] }.map { argument in
      let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
      return text(Array(bytes))
    }
  }

  /// One argument as text.
  static func text(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { EntryName(bytes: $0).description }.joined(separator: "/")
  }
}
