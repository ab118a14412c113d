/// Puts files together to a configuration, and collects all that is wrong on the way.
struct ConfigurationBuilder {
  private let environment: ConfigurationEnvironment
  private let order: [String]
  private var headers: [ConfigurationSection: (file: String, line: Int)] = [:]
  private var assignments: [ConfigurationSection: [ExactText: ConfigurationAssignment]] = [:]
  /// True if a header could not be read, so that what is missing may stand below it.
  private(set) var hasBadHeader = false
  private var values: [ConfiguredValue] = []
  private(set) var findings: [ConfigurationFinding] = []

  /// Reads the files; of a key in several of them the last wins.
  init(_ files: [ConfigurationFile], environment: ConfigurationEnvironment) {
    self.environment = environment
    order = files.map(\.path)
    for file in files {
      let reader = ConfigurationReader(file)
      findings += reader.findings
      hasBadHeader = hasBadHeader || reader.hasBadHeader
      for (section, line) in reader.sections where headers[section] == nil {
        headers[section] = (file.path, line)
      }
      assignments.merge(reader.assignments) { $0.merging($1) { $1 } }
    }
  }

  /// Checks keys and values, then how they go together.
  mutating func build() throws(ConfigurationErrors) -> Configuration {
    var server = ServerSettings(url: "")
    server.apiKeyFile = (environment.credentialsDirectory ?? environment.configurationDirectory).map {
      "\($0)/api-key"
    }
    if environment.hasOutcomeCredential {
      server.outcomeKeyFile = environment.credentialsDirectory.map { "\($0)/outcome-key" }
    }
    apply(.server, ConfigurationKey.table, to: &server)
    var daemon = DaemonSettings(environment: environment)
    apply(.daemon, ConfigurationKey.table, to: &daemon)
    let sources = buildSources(spool: daemon.spoolDirectory)
    requireWhatIsNecessary(sources)
    checkServer(server)
    if readsOutcomes(server) { checkComments(sources) } else { refuseImportIfClean(sources) }
    checkDirectories(daemon, sources)
    checkMetricsFile(daemon, sources)
    for source in sources { checkGuards(source) }
    return try finish(server, daemon, sources)
  }

  /// The settings of the daemon, as far as they can be read, whatever is wrong elsewhere. A value with an error has its
  /// default.
  mutating func readableDaemonSettings() -> DaemonSettings {
    var daemon = DaemonSettings(environment: environment)
    apply(.daemon, ConfigurationKey.table, to: &daemon)
    return daemon
  }

  /// True if outcomes are read, or will be by the service, which has the file beside the configuration as a credential.
  private func readsOutcomes(_ server: ServerSettings) -> Bool {
    if server.outcomeKeyFile != nil { return true }
    let isSwitchedOff = assignment(.server, "OutcomeKeyFile") != nil
    return environment.credentialsDirectory == nil && environment.hasOutcomeKeyBeside && !isSwitchedOff
  }

  private mutating func buildSources(spool: String) -> [SourceSettings] {
    let names = headers.keys.compactMap { if case .source(let name) = $0 { name } else { nil } }
    return names.sorted().map { name in
      var source = SourceSettings(name: name, spoolDirectory: spool)
      apply(.source(name), ConfigurationKey.table, to: &source)
      return source
    }
  }

  /// Stores what the files say about a section, and notes every value of it that is then in force.
  private mutating func apply<Settings>(
    _ section: ConfigurationSection, _ table: [ConfigurationKey<Settings>], to settings: inout Settings
  ) {
    var given = assignments[section] ?? [:]
    for key in table + Self.extraKeys(given, Settings.self) {
      let assignment = given.removeValue(forKey: ExactText(key.name))
      if let assignment { store(assignment, key, &settings) }
      note(section, key, settings, assignment)
    }
    for unknown in given.values { report(unknown, section.complaint(about: unknown.key)) }
  }

  private mutating func store<Settings>(
    _ assignment: ConfigurationAssignment, _ key: ConfigurationKey<Settings>, _ settings: inout Settings
  ) {
    if assignment.value.isEmpty, !key.allowsEmpty {
      let remedy = key.name == "URL" ? Self.urlRemedy : "remove the line for the default"
      return report(assignment, "\(key.name)= has no value; \(remedy)")
    }
    do {
      try key.store(assignment.value, &settings)
      warnOfComment(in: assignment)
      warnOfUnit(in: assignment, key)
    } catch {
      let hint = Spelling.hint(for: assignment.value, among: key.choices)
      let hints = "\(hint)\(Self.commentHint(assignment))\(Self.quoteHint(assignment))"
      report(assignment, "\(Self.shown(assignment, error)) \(error.message)\(hints)")
    }
  }

  private mutating func note<Settings>(
    _ section: ConfigurationSection, _ key: ConfigurationKey<Settings>, _ settings: Settings,
    _ assignment: ConfigurationAssignment?
  ) {
    let origin = assignment.map { ConfigurationOrigin.file(path: $0.file, line: $0.line) }
    values.append(
      ConfiguredValue(
        section: section.description, key: key.name, text: key.text(settings), origin: origin ?? .byDefault))
  }

  private mutating func finish(
    _ server: ServerSettings, _ daemon: DaemonSettings, _ sources: [SourceSettings]
  ) throws(ConfigurationErrors) -> Configuration {
    let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
    findings.sort { (places[$0.file] ?? 0, $0.line) < (places[$1.file] ?? 0, $1.line) }
    if findings.contains(where: { $0.severity == .error }) { throw ConfigurationErrors(findings: findings) }
    return Configuration(server: server, daemon: daemon, sources: sources, values: values, warnings: findings)
  }

  /// Rows that are made for the keys given, such as `File.KEY=`, in the order of their names.
  private static func extraKeys<Settings>(
    _ given: [ExactText: ConfigurationAssignment], _: Settings.Type
  ) -> [ConfigurationKey<Settings>] {
    given.keys.sorted().compactMap {
      ConfigurationKey<SourceSettings>.row(for: $0.text) as? ConfigurationKey<Settings>
    }
  }

  /// `KEY=VALUE`, or the key alone where the value may hold a password.
  private static func shown(_ assignment: ConfigurationAssignment, _ error: BadValue) -> String {
    let mayBeSecret = assignment.value.contains("@") || ["URL", "Proxy"].contains(assignment.key)
    return mayBeSecret ? "\(assignment.key)=" : "\(assignment.key)=\(assignment.value)"
  }

  /// Says that a value is taken whole where it looks as if a comment should end it.
  private mutating func warnOfComment(in assignment: ConfigurationAssignment) {
    if assignment.key.hasSuffix("Comment") || Self.commentHint(assignment).isEmpty { return }
    findings.append(
      ConfigurationFinding(
        .warning, file: assignment.file, line: assignment.line,
        message: "\(assignment.key)= includes everything after '='; put a comment on its own line"))
  }

  /// Names the unit of a number that has none.
  private mutating func warnOfUnit<Settings>(
    in assignment: ConfigurationAssignment, _ key: ConfigurationKey<Settings>
  ) {
    guard key.isTimeSpan, let text = TimeSpan.withUnits(assignment.value) else { return }
    findings.append(
      ConfigurationFinding(
        .warning, file: assignment.file, line: assignment.line,
        message: "\(key.name)=\(assignment.value) has a number without a unit, which counts as seconds; "
          + "write '\(key.name)=\(text)'"))
  }

  /// Quotes are part of a value, unlike in shells.
  private static func quoteHint(_ assignment: ConfigurationAssignment) -> String {
    let value = assignment.value
    guard value.count >= 2, let first = value.first, first == value.last, "\"'".contains(first) else {
      return ""
    }
    return " (remove the quotes: they are part of the value)"
  }

  private static func commentHint(_ assignment: ConfigurationAssignment) -> String {
    assignment.value.contains(" #") || assignment.value.contains(" ;")
      ? " (put a comment on its own line)" : ""
  }
}

extension ConfigurationBuilder {
  /// Notes an error in the line of an assignment.
  mutating func report(_ assignment: ConfigurationAssignment, _ message: String) {
    findings.append(
      ConfigurationFinding(.error, file: assignment.file, line: assignment.line, message: message))
  }

  /// Notes something about a key: in its line if it was given, else at its section's header, else at the
  /// beginning of the main file.
  mutating func report(
    _ section: ConfigurationSection, _ key: String, _ message: String,
    as severity: ConfigurationFinding.Severity = .error
  ) {
    let given = assignment(section, key).map { (file: $0.file, line: $0.line) }
    let place = given ?? headers[section] ?? (file: order.first ?? "configuration", line: 1)
    findings.append(ConfigurationFinding(severity, file: place.file, line: place.line, message: message))
  }

  /// The keys that the files give in a section, in their order.
  func keys(given section: ConfigurationSection) -> [String] {
    (assignments[section] ?? [:]).keys.sorted().map(\.text)
  }

  /// What the files say about a key.
  func assignment(_ section: ConfigurationSection, _ key: String) -> ConfigurationAssignment? {
    assignments[section]?[ExactText(key)]
  }

  /// True if there is an error in the line in which a key is given.
  func isBad(_ section: ConfigurationSection, _ key: String) -> Bool {
    guard let given = assignment(section, key) else { return false }
    return findings.contains { $0.file == given.file && $0.line == given.line && $0.severity == .error }
  }
}
