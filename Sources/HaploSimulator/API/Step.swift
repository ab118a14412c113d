/// Names the four steps of an import, as the last part of their path.
public enum Step: String, Sendable, CaseIterable {
  case control, batch, file, schedule

  static let folder = "/api/haplo-data-import-batch/"

  /// The step of a path; nil for every other path.
  init?(path: String) {
    guard path.hasPrefix(Self.folder) else { return nil }
    self.init(rawValue: String(path.dropFirst(Self.folder.count)))
  }

  /// The path of this step.
  public var path: String { Self.folder + rawValue }
}
