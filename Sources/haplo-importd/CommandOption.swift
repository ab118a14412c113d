/// One option of the command line, always with a long name.
struct CommandOption: Sendable {
  /// Without dashes: `config`.
  let name: String
  /// What the option's argument is called in the help; nil: it takes none.
  let argument: String?
  /// One line of help.
  let help: String
  /// A short form, if there is one.
  let letter: Character?

  init(_ name: String, argument: String? = nil, letter: Character? = nil, help: String) {
    self.name = name
    self.argument = argument
    self.letter = letter
    self.help = help
  }

  /// As it stands in the help: `--config FILE`.
  var synopsis: String {
    (letter.map { "-\($0), " } ?? "") + "--\(name)" + (argument.map { " \($0)" } ?? "")
  }
}

extension CommandOption {
  /// Options that stand before or behind every subcommand.
  static let common: [CommandOption] = [.config, .helpOption]

  static let config = CommandOption(
    "config", argument: "FILE", help: "reads FILE and FILE.d/*.conf in place of the installed configuration")
  static let helpOption = CommandOption("help", letter: "h", help: "prints help")
  static let version = CommandOption("version", help: "prints the version")
  static let json = CommandOption("json", help: "prints JSON, one object a line, for other programs")
}
