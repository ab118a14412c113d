import HaploAPI
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension CommandOption {
  static let quiet = CommandOption("quiet", help: "print errors only")
}

extension Subcommand {
  static let config = Subcommand(
    name: "config", summary: "validates the configuration and prints the effective settings",
    details: """
      Each value is printed with the file and line it comes from, or 'default'; passwords
      are masked, and the API key is not shown. If there are errors, all are printed, and the
      exit status is 78. It is 77 if the API key's file cannot be used, or, run as root, if
      the daemon's user cannot read the installed configuration. A file for TLS that is
      missing, no PEM or not readable for the daemon is an error; a file that only this user
      cannot open is a warning.
      Prints the systemd drop-in needed for directories outside the spool.

      --online sends the server one request that creates nothing, and prints the result in
      one line. Exit status: 0 if it works, 77 if the key or its permission is refused, 78 if
      there is no batch import API at this address, 69 if the server does not answer or fails.
      The server counts a wrong key: after 50 it locks this machine out for five minutes. With
      an outcome key, the server's list of batches is requested as well.

      --quiet prints errors only, for scripts and for the service's reload.
      """,
    options: [.online, .quiet, .json]
  ) { invocation throws(Failure) in
    let (configuration, findings) = try examined(invocation)
    if !invocation.has(.quiet) {
      try show(configuration, findings.filter { $0.severity == .warning }, invocation)
    }
    let errors = findings.filter { $0.severity == .error } + ReferencedFiles.clientKeyErrors(configuration)
    guard errors.isEmpty else { throw .configuration(.invalid(ConfigurationErrors(findings: errors))) }
    try checkKeys(configuration, invocation)
    return invocation.has(.online) ? try await askServer(configuration, invocation) : .done
  }

  /// Loads the configuration and looks at the files that it names. A failure has errors only if nothing else is to be printed.
  private static func examined(_ invocation: Invocation) throws(Failure) -> (
    Configuration, [ConfigurationFinding]
  ) {
    do throws(Failure) {
      let configuration = try invocation.loadConfiguration()
      return (configuration, configuration.warnings + (try DaemonAccess(invocation).findings(configuration)))
    } catch {
      guard invocation.has(.quiet), case .configuration(.invalid(let errors)) = error else { throw error }
      throw .configuration(
        .invalid(ConfigurationErrors(findings: errors.findings.filter { $0.severity == .error })))
    }
  }

  private static func show(
    _ configuration: Configuration, _ warnings: [ConfigurationFinding], _ invocation: Invocation
  ) throws(Failure) {
    let report = ConfigurationReport(configuration)
    for warning in warnings {
      StandardError.writeLine(PrintableText.escaping(warning.description))
    }
    if invocation.has(.json) {
      for value in configuration.values { try StandardOutput.writeJSON(ConfiguredValueLine(value)) }
      if let grants = report.grants { StandardError.writeLine(grants) }
    } else {
      try StandardOutput.writeLine(
        ([report.values] + [report.grants].compactMap(\.self)).joined(separator: "\n\n"))
    }
  }

  private static func askServer(
    _ configuration: Configuration, _ invocation: Invocation
  ) async throws(Failure) -> ExitStatus {
    let loaded = LoadedConfiguration(
      configuration: configuration, key: try invocation.readAPIKey(configuration))
    let check: ServerCheck
    do {
      check = try await loaded.checkServer()
    } catch let failure as ConfigurationFailure {
      throw .configuration(failure)
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      throw .bug("\(error)")
    }
    if invocation.has(.json), !invocation.has(.quiet) {
      try StandardOutput.writeJSON(check)
      guard check.outcome == .works else { return ExitStatus(check.outcome) }
    } else {
      guard check.outcome == .works else { throw .server(check) }
      if !invocation.has(.quiet) { try StandardOutput.writeLine("\n\(check.line)") }
    }
    let certificates = Attention.certificates(
      server: check.certificateExpires, client: configuration.clientCertificateExpiry(), now: SystemTime().now
    )
    for warning in certificates where !invocation.has(.quiet) {
      StandardError.writeLine("\(Program.name): warning: \(warning.line)")
    }
    return try await askForOutcomes(configuration, loaded.key, invocation)
  }

  /// Asks for the jobs pages, if there is a key for them.
  private static func askForOutcomes(
    _ configuration: Configuration, _ apiKey: APIKey, _ invocation: Invocation
  ) async throws(Failure) -> ExitStatus {
    guard let key = try invocation.readOutcomeKeyOfService(configuration, apiKey: apiKey) else {
      return .done
    }
    let check: OutcomeCheck
    do { check = try await configuration.checkOutcomes(with: key) } catch { throw .bug("\(error)") }
    if invocation.has(.json), !invocation.has(.quiet) {
      try StandardOutput.writeJSON(check)
      return ExitStatus(check.outcome)
    }
    guard check.outcome == .works else { throw .outcomes(check) }
    if !invocation.has(.quiet) { try StandardOutput.writeLine(check.line) }
    return .done
  }

  /// Reads the keys, but shows nothing of them. By hand, the default file of the API key may be missing or closed, for systemd
  /// gives its credentials to the service only.
  private static func checkKeys(_ configuration: Configuration, _ invocation: Invocation) throws(Failure) {
    var key: APIKey?
    do throws(Failure) {
      key = try invocation.readAPIKey(configuration)
    } catch {
      guard case .apiKey(.unreadable(let cause)) = error, cause.isMissing || cause.isPermission,
        configuration.values.contains(where: { $0.key == "APIKeyFile" && $0.origin == .byDefault }),
        invocation.environment.credentialsDirectory == nil
      else { throw error }
      if !invocation.has(.quiet) {
        StandardError.writeLine(
          PrintableText.escaping(
            "\(Program.name): note: the API key was not examined: \(cause). The service gets it as its credential "
              + "'api-key'"))
      }
    }
    _ = try invocation.readOutcomeKey(configuration, apiKey: key)
  }
}
