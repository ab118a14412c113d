@testable import ImportRuntime
@testable import ImportService
@testable import haplo_importd
@testable import haplo_simulator

/// The tables in the manual's pages.
enum Manual {
  static func table(_ name: String) throws -> [String]? {
    switch name {
    case "subcommands": subcommands
    case "common-options": options(CommandOption.common + [.version, .json])
    case "exit-statuses": exitStatuses
    case "log-fields": logFields
    case "messages": try messages()
    case "server-keys": try ConfigurationManual(section: "[Server]").lines
    case "daemon-keys": try ConfigurationManual(section: "[Daemon]").lines
    case "source-keys": try ConfigurationManual(section: "[Source hr]").lines
    case "simulator-options": simulatorOptions
    case "simulator-faults": Mdoc.display(Usage.faults)
    case "simulator-outcomes": Mdoc.display(Usage.outcomes)
    case "simulator-door": Mdoc.display(Usage.door)
    case "simulator-record": Mdoc.display(Usage.record)
    default: nil
    }
  }

  private static var subcommands: [String] {
    Mdoc.list(
      "-tag -width 4n",
      Subcommand.all.map { subcommand in
        let own = subcommand.options.filter { $0.name != CommandOption.json.name }
        let text =
          Mdoc.lines(Help.capitalized(subcommand.summary) + ".")
          + (subcommand.details.isEmpty ? [] : [".Pp"] + Mdoc.paragraphs(subcommand.details))
        return (term(subcommand), text + (own.isEmpty ? [] : options(own)))
      })
  }

  private static func term(_ subcommand: Subcommand) -> String {
    let options = subcommand.options.map { option in
      "Oo Fl -\(option.name)" + Mdoc.argument(option) + " Oc"
    }
    let operands = subcommand.operands.isEmpty ? [] : [Mdoc.operand(subcommand.operands)]
    return (["Ic \(subcommand.name)"] + options + operands).joined(separator: " ")
  }

  private static func options(_ options: [CommandOption]) -> [String] {
    Mdoc.list(
      "-tag -width 4n",
      options.map { option in
        let letter = option.letter.map { "Fl \($0) , " } ?? ""
        return (
          letter + "Fl -\(option.name)" + Mdoc.argument(option),
          Mdoc.lines(Help.capitalized(option.help) + ".")
        )
      })
  }

  private static var exitStatuses: [String] {
    Mdoc.list(
      "-tag -width 4n",
      ExitStatus.general.map { (String($0.rawValue), Mdoc.lines(Help.capitalized($0.meaning) + ".")) })
  }

  private static var logFields: [String] {
    Mdoc.list(
      "-tag -width HAPLO_ATTEMPT -compact",
      LogEvent.fieldNames.sorted { $0.value < $1.value }.map {
        ("Va \($0.value)", ["the line\\(aqs", ".Li \($0.key)="])
      })
  }

  /// Each kind of event with its MESSAGE_ID, its usual priority, and the headline that the catalog has for it.
  private static func messages() throws -> [String] {
    let catalog = try ProjectFile.text("systemd/catalog/haplo-importd.catalog")
    return Mdoc.list(
      "-tag -width 4n",
      LogKind.allCases.map { kind in
        let entry = catalog.split(separator: "-- ").first { $0.hasPrefix(kind.rawValue) } ?? ""
        let subject = entry.split(separator: "\n").first { $0.hasPrefix("Subject: ") }?.dropFirst(9) ?? ""
        let text = subject.replacing("set @HAPLO_SET@", with: "a set").replacing(
          "Set @HAPLO_SET@", with: "A set"
        ).replacing("source @HAPLO_SOURCE@", with: "a source").replacing(
          "Source @HAPLO_SOURCE@", with: "A source")
        return ("Li \(kind.rawValue)", Mdoc.lines("\(text) (\(kind.priority.word))."))
      })
  }

  private static var simulatorOptions: [String] {
    Mdoc.list(
      "-tag -width 4n",
      SimulatorOption.all.map { option in
        (
          "Fl -\(option.name)" + (option.argument.map { " Ar \($0)" } ?? ""),
          Mdoc.lines(Help.capitalized(option.help) + ".")
        )
      })
  }
}

extension LogPriority {
  /// As journalctl(1) names it.
  fileprivate var word: String {
    switch self {
    case .critical: "crit"
    case .error: "err"
    case .warning: "warning"
    case .notice: "notice"
    case .information: "info"
    case .debug: "debug"
    }
  }
}
