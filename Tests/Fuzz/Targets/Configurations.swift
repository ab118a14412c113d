import ImportCore

extension FuzzTarget {
  /// The configuration: a main file, and, behind a byte of 1, a drop-in.
  static let configuration = FuzzTarget("configuration") { bytes throws(BrokenProperty) in
    let files = bytes.split(separator: 1, maxSplits: 1, omittingEmptySubsequences: false).enumerated().map {
      ConfigurationFile(path: "file\($0.offset)", text: String(decoding: $0.element, as: UTF8.self))
    }
    let configuration: Configuration
    do throws(ConfigurationErrors) {
      configuration = try Configuration.parse(files, environment: ConfigurationEnvironment())
    } catch {
      try require(error.findings.contains { $0.severity == .error }, "refused for nothing")
      return try checkPlaces(error.findings, files)
    }
    try checkConfiguration(configuration, files)
  }

  private static func checkConfiguration(_ configuration: Configuration, _ files: [ConfigurationFile])
    throws(BrokenProperty)
  {
    try checkPlaces(configuration.warnings, files)
    try require(!configuration.sources.isEmpty, "no source")
    let text = written(configuration)
    let again: Configuration
    do throws(ConfigurationErrors) {
      again = try Configuration.parse(
        [ConfigurationFile(path: "again", text: text)], environment: ConfigurationEnvironment())
    } catch {
      throw BrokenProperty(description: "written again it is refused: \(error)\n\(text)")
    }
    try require(
      same(again.server, configuration.server) && again.daemon == configuration.daemon
        && again.sources == configuration.sources,
      "written again it says something else:\n\(text)")
  }

  /// All but the proxy, of which a password is masked.
  private static func same(_ one: ServerSettings, _ other: ServerSettings) -> Bool {
    var (one, other) = (one, other)
    (one.proxy, other.proxy) = (nil, nil)
    return one == other
  }

  private static func checkPlaces(_ findings: [ConfigurationFinding], _ files: [ConfigurationFile])
    throws(BrokenProperty)
  {
    for finding in findings {
      let text = files.first { $0.path == finding.file }?.text
      let lines = text?.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).count ?? 0
      try require((1...max(1, lines)).contains(finding.line), "\(finding) is at no line of the file")
    }
  }

  /// A file with every value that was written, in its usual spelling.
  private static func written(_ configuration: Configuration) -> String {
    var text = ""
    var section = ""
    for value in configuration.values {
      if value.section != section { text += "[\(value.section)]\n" }
      section = value.section
      if case .file = value.origin, value.key != "Proxy" { text += "\(value.key)=\(value.text)\n" }
    }
    return text
  }
}
