/// The server's treatment of a scheduled set.
public enum ImportMode: String, Codable, Sendable, CaseIterable {
  /// Checks without importing.
  case dryRun = "dry-run"
  /// Imports for real.
  case `import`

  /// The value of the `mode` parameter. For a real import there must be none (PROTOCOL, `schedule`).
  public var parameter: String? { self == .dryRun ? "dry-run" : nil }
}
