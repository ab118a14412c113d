/// What becomes of the sets of a source (`Mode=`).
public enum SourceMode: String, Codable, Sendable, CaseIterable {
  /// They are checked by the server without importing.
  case dryRun = "dry-run"
  /// They are imported.
  case `import`
  /// A dry run first; the same bytes are imported once a person has approved it.
  case approve
  /// A dry run first; the same bytes are imported if it ended without errors and there are records, else once a person has
  /// approved it.
  case importIfClean = "import-if-clean"

  /// True if a dry run comes first, and its result decides.
  public var awaitsApproval: Bool { self == .approve || self == .importIfClean }
}
