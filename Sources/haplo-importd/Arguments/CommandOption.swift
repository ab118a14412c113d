/// One option of the command line, always with a long name.
struct CommandOption: Sendable {
  /// Without dashes: `config`.
  let name: String
  /// What the option's argument is called in the help; nil: it takes none.
  let argument: String?
  /// True if the argument may be left out. Then it can only follow after `=`.
  let isArgumentOptional: Bool
  /// One line of help.
  let help: String
  /// A short form, if there is one.
  let letter: Character?

  init(
    _ name: String, argument: String? = nil, isArgumentOptional: Bool = false, letter: Character? = nil,
    help: String
  ) {
    self.name = name
    self.argument = argument
    self.isArgumentOptional = isArgumentOptional
    self.letter = letter
    self.help = help
  }

  /// As it stands in the help: `--config FILE`, `--wait[=TIME]`.
  var synopsis: String {
    let taken = argument.map { isArgumentOptional ? "[=\($0)]" : " \($0)" } ?? ""
    return (letter.map { "-\($0), " } ?? "") + "--\(name)" + taken
  }
}

extension CommandOption {
  /// Options that may precede or follow every subcommand.
  static let common: [CommandOption] = [.config, .instance, .helpOption]

  static let config = CommandOption(
    "config", argument: "FILE", help: "read FILE and FILE.d/*.conf instead of the installed configuration")
  static let instance = CommandOption(
    "instance", argument: "NAME", help: "read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins")
  static let helpOption = CommandOption("help", letter: "h", help: "print help")
  static let version = CommandOption("version", help: "print the version")
  static let online = CommandOption(
    "online", help: "also ask the server whether address, key, permission and plugin are right")
  static let json = CommandOption("json", help: "print newline-delimited JSON")
}
