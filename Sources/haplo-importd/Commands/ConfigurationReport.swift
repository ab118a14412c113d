import ImportCore

/// What `config` prints for people.
struct ConfigurationReport {
  private let configuration: Configuration

  init(_ configuration: Configuration) { self.configuration = configuration }

  /// The values in force, section by section, each with its origin behind it.
  var values: String {
    var lines: [String] = []
    var section = ""
    let width = min(configuration.values.map { Self.assignment($0).count }.max() ?? 0, 60)
    for value in configuration.values {
      if value.section != section { lines += (lines.isEmpty ? [] : [""]) + ["[\(value.section)]"] }
      section = value.section
      let assignment = Self.assignment(value)
      let space = String(repeating: " ", count: max(0, width - assignment.count) + 2)
      lines.append("\(assignment)\(space)\(value.origin)")
    }
    return lines.joined(separator: "\n")
  }

  /// How to let the service write where its sandbox would not; nil when nothing is needed.
  var grants: String? {
    let grants = SandboxGrants(configuration)
    let lines = grants.dropIn
    if lines.isEmpty { return nil }
    return """
      # The service's sandbox does not know all of these directories. Put the following into
      # \(grants.dropInPath) and run
      # 'systemctl daemon-reload':
      \(lines.joined(separator: "\n"))
      """
  }

  private static func assignment(_ value: ConfiguredValue) -> String { "\(value.key)=\(value.text)" }
}

/// What `config --json` prints of one value.
struct ConfiguredValueLine: Encodable {
  private let value: ConfiguredValue

  init(_ value: ConfiguredValue) { self.value = value }

  private enum Key: String, CodingKey { case section, key, value, origin, file, line }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(value.section, forKey: .section)
    try container.encode(value.key, forKey: .key)
    try container.encode(value.text.isEmpty ? nil : value.text, forKey: .value)
    try container.encode(value.origin.description, forKey: .origin)
    guard case .file(let path, let line) = value.origin else {
      try container.encodeNil(forKey: .file)
      return try container.encodeNil(forKey: .line)
    }
    try container.encode(path, forKey: .file)
    try container.encode(line, forKey: .line)
  }
}
