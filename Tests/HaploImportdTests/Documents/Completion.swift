import ImportCore

@testable import haplo_importd

/// The tables in the completions.
enum Completion {
  private static let states = SetState.allCases.map(\.rawValue).joined(separator: " ")

  private static let withOperands = Subcommand.all.filter { !kinds($0.operands).isEmpty }

  /// Every option with an argument, once.
  private static let withArguments: [CommandOption] = {
    let options = (CommandOption.common + Subcommand.all.flatMap(\.options)).filter {
      $0.argument != nil && !$0.isArgumentOptional
    }
    return Dictionary(grouping: options, by: \.name).values.map { $0[0] }.sorted { $0.name < $1.name }
  }()

  /// The kinds of operands, of which the last may be repeated: `SET` for `SET…` and `SET [OTHER]`, `SUBCOMMAND` for
  /// `[SUBCOMMAND]`.
  private static func kinds(_ operands: String) -> [String] {
    let words = operands.split(separator: " ")
    return words.filter { !$0.hasPrefix("[") || words.count == 1 }.map { $0.filter { $0.isLetter } }
  }

  private static func setStates(_ subcommand: Subcommand) -> String {
    subcommand.states.map { " \($0.rawValue)" }.joined()
  }

  private static func indented(_ count: Int, _ lines: [String]) -> [String] {
    lines.map { String(repeating: " ", count: count) + $0 }
  }

  // MARK: bash

  static func bash(_ table: String) -> [String]? {
    switch table {
    case "subcommands": ["      echo '\(Subcommand.all.map(\.name).joined(separator: " "))'"]
    case "states": ["      echo '\(states)'"]
    case "options":
      cases(
        Subcommand.all.map { subcommand in
          let options = subcommand.options + CommandOption.common
          return (subcommand.name, options.map { "--\($0.name)" }.joined(separator: " "))
        })
    case "arguments": cases(withArguments.map { ("--\($0.name)", $0.argument ?? "") })
    case "operands": cases(withOperands.map { ($0.name, kinds($0.operands).joined(separator: " ")) })
    case "set-states":
      cases(
        Subcommand.all.filter { !$0.states.isEmpty }.map { ($0.name, String(setStates($0).dropFirst())) })
    default: nil
    }
  }

  private static func cases(_ rows: [(String, String)]) -> [String] {
    indented(4, rows.map { "\($0)) echo '\($1)' ;;" })
  }

  // MARK: zsh

  static func zsh(_ table: String) -> [String]? {
    switch table {
    case "subcommands":
      indented(4, Subcommand.all.map { "'\($0.name):\(quoted($0.summary))'" })
    case "states": ["  compadd \(states)"]
    case "common-options":
      indented(4, (CommandOption.common + [.version]).map { zshOption($0) + " \\" })
    case "operands": indented(4, Subcommand.all.map(zshCase))
    default: nil
    }
  }

  private static func zshCase(_ subcommand: Subcommand) -> String {
    var words = (subcommand.options + CommandOption.common).map(zshOption)
    let kinds = kinds(subcommand.operands)
    for (index, kind) in kinds.enumerated() {
      let place = index + 1 < kinds.count ? "\(index + 1)" : "*"
      words.append("'\(place):\(kind.lowercased()):\(zshAction(kind, setStates(subcommand)))'")
    }
    return "\(subcommand.name)) _arguments \(words.joined(separator: " ")) ;;"
  }

  private static func zshOption(_ option: CommandOption) -> String {
    let help = quoted(option.help).replacing("[", with: "\\[").replacing("]", with: "\\]")
    guard let argument = option.argument else { return "'--\(option.name)[\(help)]'" }
    let optional = option.isArgumentOptional
    return
      "'--\(option.name)=\(optional ? "-" : "")[\(help)]\(optional ? "::" : ":")\(argument.lowercased()):"
      + "\(zshAction(argument))'"
  }

  private static func zshAction(_ kind: String, _ states: String = "") -> String {
    switch kind {
    case "FILE", "PATH": "_files"
    case "SOURCE", "NAME": "_haplo_importd_sources"
    case "STATE": "_haplo_importd_states"
    case "SET": states.isEmpty ? "_haplo_importd_sets" : "{_haplo_importd_sets\(states)}"
    case "SUBCOMMAND": "_haplo_importd_subcommands"
    default: " "
    }
  }

  private static func quoted(_ text: String) -> String { text.replacing("'", with: "'\\''") }

  // MARK: fish

  static func fish(_ table: String) -> [String]? {
    switch table {
    case "subcommands":
      Subcommand.all.map { subcommand in
        "\(fishLine("__fish_use_subcommand")) -a \(subcommand.name) -d \(fishText(subcommand.summary))"
      }
    case "options":
      (CommandOption.common + [.version]).map { "complete -c haplo-importd\(fishOption($0))" }
        + Subcommand.all.flatMap { subcommand in
          subcommand.options.map { option in
            fishLine("__fish_seen_subcommand_from \(subcommand.name)") + fishOption(option)
          }
        }
    case "operands":
      withOperands.flatMap { subcommand in
        kinds(subcommand.operands).map { kind in
          fishLine("__fish_seen_subcommand_from \(subcommand.name)")
            + fishAction(kind, setStates(subcommand))
        }
      }
    default: nil
    }
  }

  private static func fishLine(_ condition: String) -> String {
    "complete -c haplo-importd -n '\(condition)'"
  }

  private static func fishOption(_ option: CommandOption) -> String {
    let letter = option.letter.map { " -s \($0)" } ?? ""
    let takes = option.argument.map { option.isArgumentOptional ? "" : " -r\(fishAction($0))" } ?? ""
    return "\(letter) -l \(option.name)\(takes) -d \(fishText(option.help))"
  }

  private static func fishAction(_ kind: String, _ states: String = "") -> String {
    switch kind {
    case "FILE", "PATH": " -F"
    case "SOURCE", "NAME": " -f -a '(__haplo_importd_sources)'"
    case "STATE": " -f -a '\(self.states)'"
    case "SET": " -f -a '(__haplo_importd_sets\(states))'"
    case "SUBCOMMAND": " -f -a '\(Subcommand.all.map(\.name).joined(separator: " "))'"
    default: " -f"
    }
  }

  private static func fishText(_ text: String) -> String { "'\(text.replacing("'", with: "\\'"))'" }
}
