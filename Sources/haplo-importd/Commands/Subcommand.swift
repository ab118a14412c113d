import ImportCore

/// One subcommand. Each has a file of its own, `NAMECommand.swift`, with a static member made there, and its
/// place in the table below; nothing else needs to know it. `make man` takes the manual and the completions from there.
struct Subcommand: Sendable {
  /// What is typed.
  let name: String
  /// The operands in the help: `SET…`; empty when there are none.
  var operands = ""
  /// How many operands it takes.
  var operandCount: ClosedRange<Int> = 0...0
  /// One line, after the name.
  let summary: String
  /// What more there is to say: paragraphs of lines of at most 80 characters.
  var details = ""
  /// Options besides those of all subcommands.
  var options: [CommandOption] = []
  /// In which states the sets are that it is for, as completion offers them; empty: in any.
  var states: [SetState] = []
  /// Does the work. What it throws is printed on standard error and becomes the exit status.
  let run: @Sendable (Invocation) async throws(Failure) -> ExitStatus
}

extension Subcommand {
  static let all: [Subcommand] = [
    .run, .once,
    .check, .drop,
    .status, .list, .show, .diff, .wait, .explain,
    .retry, .approve, .reject, .discard, .pause, .resume,
    .reconcile, .verify, .prune,
    .config,
    .help,
    .version,
  ]

  /// `haplo-importd config [OPTION…]`.
  var synopsis: String {
    [Program.name, name, "[OPTION…]", operands].filter { !$0.isEmpty }.joined(separator: " ")
  }
}
