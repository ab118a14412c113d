import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let config = Subcommand(
    name: "config",
    summary: "checks the configuration and prints what is in force",
    details: """
      Each value is printed with the file and line it comes from, or 'default'; passwords
      are masked, and the API key is not shown. All errors are printed, not only the first,
      and the exit status is then 78; it is 77 when the API key's file cannot be used.
      Directories that the service's sandbox must be told of are printed as a drop-in.
      """,
    options: [.json]
  ) { invocation throws(Failure) in
    let configuration = try invocation.loadConfiguration()
    let report = ConfigurationReport(configuration)
    for warning in configuration.warnings + ReferencedFiles.warnings(configuration) {
      StandardError.writeLine(warning.description)
    }
    if invocation.has(.json) {
      for value in configuration.values { try StandardOutput.writeJSON(ConfiguredValueLine(value)) }
      if let grants = report.grants { StandardError.writeLine(grants) }
    } else {
      try StandardOutput.writeLine(
        ([report.values] + [report.grants].compactMap(\.self)).joined(separator: "\n\n"))
    }
    try checkAPIKey(configuration, invocation)
    return .done
  }

  /// Reads the key, but shows nothing of it. Not to find any is no failure by hand, for systemd gives its
  /// credentials to the service only.
  private static func checkAPIKey(_ configuration: Configuration, _ invocation: Invocation) throws(Failure) {
    if configuration.server.apiKeyFile == nil {
      return StandardError.writeLine(
        "\(Program.name): note: APIKeyFile= is not set, so the key is the service's credential 'api-key', which"
          + " cannot be examined from here")
    }
    _ = try invocation.readAPIKey(configuration)
  }
}
