/// What commands end with, situation by situation. The commands of one situation are run one after the other.
struct Ending {
  let status: Int32
  /// Words between blanks; `DROP` is the drop directory, `SET` the first set's id.
  let commands: [String]

  private init(_ status: Int32, _ commands: String...) {
    self.status = status
    self.commands = commands
  }

  /// The table.
  static func all(in situation: Situation) -> [Ending] {
    switch situation {
    case .wrongCommandLine:
      [
        Self(
          64, "status --check --json", "status --check --watch", "run now", "once --frob", "status x",
          "list --state nowhere", "show", "diff", "explain a b", "retry",
          "approve --reason x 2", "reject 2", "wait", "discard", "pause", "resume --all", "reconcile x",
          "verify x",
          "prune --dry-run=yes", "check", "drop hr", "config --offline", "help nosuch", "version --json")
      ]
    case .nothingYet:
      [
        Self(
          0, "once", "status", "list", "pause hr", "resume hr", "reconcile --assume-new", "verify", "prune",
          "config", "config --online", "discard --all", "help", "version"),
        Self(2, "status --check"), Self(78, "reconcile"),
        Self(
          66, "list --source nobody", "show 2", "diff 2", "diff DROP/none 2", "explain DROP/none",
          "explain /etc/passwd", "retry 2", "check --against 2 DROP",
          "wait 2", "discard 2", "approve 2", "reject 2 --reason x", "pause nobody", "resume nobody",
          "check DROP/none", "check --source nobody DROP", "drop hr DROP/none", "drop nobody DROP"),
      ]
    case .running:
      [
        Self(
          0, "status", "status --check", "list", "pause hr", "resume hr", "reconcile --assume-new", "verify",
          "prune"),
        Self(
          66, "list --source nobody", "show 2", "diff 2", "explain DROP/none", "retry 2", "approve 2",
          "reject 2 --reason x", "pause nobody", "resume nobody"),
      ]
    case .dropped:
      [
        Self(0, "explain DROP/good", "check DROP/good"), Self(65, "explain DROP/two", "check DROP/two"),
        Self(65, "check DROP/half", "drop hr DROP/half/control.json"), Self(75, "explain DROP/half"),
        Self(0, "drop hr DROP/good/control.json"), Self(73, "drop hr --name half DROP/good/control.json"),
        Self(75, "drop hr --wait=0 DROP/good/control.json"),
      ]
    case .archived:
      [
        Self(0, "show SET", "diff SET SET", "wait SET", "explain DROP/first", "verify"), Self(66, "diff SET"),
        Self(65, "retry SET", "approve SET", "reject SET --reason x", "discard SET"),
        Self(0, "retry --import-again SET"),
      ]
    case .archiveDamaged: [Self(65, "verify")]
    case .rejected:
      [
        Self(65, "once", "diff SET SET", "approve SET", "reject SET --reason x", "wait SET"),
        Self(0, "retry SET"),
      ]
    case .awaitingApproval: [Self(65, "retry SET"), Self(0, "approve SET", "reject SET --reason x")]
    case .serverFailing, .serverDown: [Self(75, "once", "wait --timeout 0 SET"), Self(69, "config --online")]
    case .keyRefused: [Self(77, "once", "config --online"), Self(0, "config")]
    case .keyUnusable: [Self(77, "run", "once", "config", "config --online"), Self(0, "list")]
    case .stateInUse: [Self(75, "run", "once").and(changing), Self(0, "status", "list")]
    case .hangsUp:
      [
        Self(
          69, "status", "list", "show 2", "diff 2", "wait 2", "explain DROP/none", "drop hr --wait DROP/none"
        )
        .and(changing)
      ]
    case .stateNotMade:
      [
        Self(73, "run", "once").and(changing),
        Self(74, "status", "list", "show 2", "diff 2", "wait 2", "explain DROP/none", "verify"),
      ]
    case .journalDamaged:
      [
        Self(74, "run", "once", "status", "list", "show 2", "diff 2", "wait 2", "explain DROP/none").and(
          changing),
        Self(65, "verify"),
      ]
    case .outputFull:
      [
        Self(
          74, "status", "list", "show SET", "diff SET SET", "diff --json SET SET", "wait SET",
          "discard --json SET", "explain DROP/first",
          "retry --json SET", "approve --json SET",
          "reject --json SET --reason x", "pause hr", "resume hr", "reconcile --assume-new", "verify",
          "prune --dry-run",
          "check DROP/two", "drop hr DROP/good/control.json", "config", "help", "version")
      ]
    case .configurationWrong:
      [Self(78).and(configured), Self(2, "status --check"), Self(0, "help", "version")]
    case .configurationMissing:
      [Self(78).and(configured), Self(3, "status --check"), Self(0, "help", "version")]
    case .configurationForbidden: [Self(77).and(configured), Self(0, "help", "version")]
    }
  }

  /// Those that the daemon does, or that take its place.
  private static let changing = [
    "retry 2", "approve 2", "reject 2 --reason x", "discard 2", "pause hr", "resume hr",
    "reconcile --assume-new",
  ]

  /// Those that read the configuration.
  private static let configured =
    ["run", "once", "status", "list", "show 2", "diff 2", "wait 2", "explain DROP/none"] + changing
    + ["verify", "prune", "check --source hr DROP/none", "drop hr DROP/none", "config"]

  private func and(_ more: [String]) -> Ending { Ending(status: status, commands: commands + more) }

  private init(status: Int32, commands: [String]) {
    self.status = status
    self.commands = commands
  }
}
