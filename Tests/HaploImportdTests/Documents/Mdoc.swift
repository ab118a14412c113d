@testable import haplo_importd

/// Plain text as the macros of mdoc(7) need it.
enum Mdoc {
  /// Text that stands for itself, whatever characters it has.
  static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("'", with: "\\(aq").replacing("…", with: "...")
      .replacing("--", with: "\\-\\-")
  }

  /// One paragraph, each sentence on a line of its own; none is taken for a macro.
  static func lines(_ text: String) -> [String] {
    escaped(text.split(separator: "\n").joined(separator: " "))
      .replacing(#/(?<end>[A-Za-z0-9)%=][.!?]) +/#) { "\($0.end)\n" }
      .split(separator: "\n").map { $0.hasPrefix(".") ? "\\&\($0)" : String($0) }
  }

  /// Paragraphs, which an empty line ends in the source.
  static func paragraphs(_ text: String) -> [String] {
    let paragraphs = text.split(separator: "\n", omittingEmptySubsequences: false)
      .split(separator: "").map { $0.joined(separator: "\n") }
    return Array(paragraphs.map(lines).joined(separator: [".Pp"]))
  }

  /// Text that stands as it is, line by line.
  static func display(_ text: String) -> [String] {
    [".Bd -literal -offset 2n"]
      + escaped(text).split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.isEmpty ? "" : "\\&\($0)"
      } + [".Ed"]
  }

  /// A list of terms, each with what there is to say of it.
  static func list(_ kind: String, _ items: [(term: String, text: [String])]) -> [String] {
    [".Bl \(kind)"] + items.flatMap { [".It \($0.term)"] + $0.text } + [".El"]
  }

  /// The argument of an option, with a blank or, where it is optional, an equals sign before it.
  static func argument(_ option: CommandOption) -> String {
    guard let argument = option.argument else { return "" }
    return option.isArgumentOptional ? " Ns Oo = Ns Ar \(argument) Oc" : " Ar \(argument)"
  }

  /// Operands or an option's argument: `SET…` is `Ar SET ...`, and `[SUBCOMMAND]` is optional.
  static func operand(_ text: String) -> String {
    if let space = text.firstIndex(of: " ") {
      return operand(String(text[..<space])) + " " + operand(String(text[text.index(after: space)...]))
    }
    if text.hasPrefix("[") { return "Op " + operand(String(text.dropFirst().dropLast())) }
    return "Ar " + text.replacing("…", with: " ...")
  }
}
