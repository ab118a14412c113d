import ImportRuntime
import ImportService

extension Subcommand {
  static let help = Subcommand(
    name: "help", operands: "[SUBCOMMAND]", operandCount: 0...1,
    summary: "prints the list of subcommands, or all about one"
  ) { invocation throws(Failure) in
    guard let word = invocation.operands.first else {
      try StandardOutput.writeLine(Help.overall)
      return .done
    }
    try StandardOutput.writeLine(Help.of(try Program.find(word)))
    return .done
  }
}

/// The texts of the help, made from the table of subcommands.
enum Help {
  /// All subcommands, a line each.
  static var overall: String {
    """
    Usage: \(Program.name) SUBCOMMAND [OPTION…] [OPERAND…]

    Turns export sets that are dropped in directories into imports on a Haplo server.

    Subcommands:
    \(table(Subcommand.all.map { ($0.name, $0.summary) }))

    Options of all subcommands:
    \(table(CommandOption.common.map { ($0.synopsis, $0.help) }))

    Without --config, \(ConfigurationLoader.defaultPath) is read.

    \(wrapped("Exit status: \(exitStatuses)."))

    See haplo-importd(8) and haplo-importd.conf(5).
    """
  }

  private static var exitStatuses: String {
    ExitStatus.general.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ")
  }

  private static func wrapped(_ text: String) -> String {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= 85 {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// All about one subcommand.
  static func of(_ subcommand: Subcommand) -> String {
    let first = "Usage: \(subcommand.synopsis)\n\n\(capitalized(subcommand.summary))."
    let options = (subcommand.options + CommandOption.common).map { ($0.synopsis, $0.help) }
    let parts = [first, subcommand.details, "Options:\n\(table(options))"]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { left, right in
      "  \(left)\(String(repeating: " ", count: width - left.count))  \(right)"
    }.joined(separator: "\n")
  }
}

extension Subcommand {
  static let version = Subcommand(name: "version", summary: "prints the version") { _ throws(Failure) in
    try StandardOutput.writeLine("\(Program.name) \(Program.version)")
    return .done
  }
}

extension Program {
  /// This release.
  static let version = Version.text
}
