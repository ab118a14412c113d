/// What the configuration of a source says about which sets are complete.
public struct IntakeRules: Hashable, Sendable {
  /// How long nothing may have changed.
  public var quiet: Duration
  /// A set is taken only when this file is there too.
  public var markerFile: String?
  /// Absolute path of a fixed control file; sets bring none of their own then.
  public var controlFile: String?
  /// Which file is meant by a key of the control file's `files` (`File.KEY=`): the one whose name matches.
  public var fileRules: [ExactText: Glob]

  public init(
    quiet: Duration, markerFile: String? = nil, controlFile: String? = nil,
    fileRules: [ExactText: Glob] = [:]
  ) {
    self.quiet = quiet
    self.markerFile = markerFile
    self.controlFile = controlFile
    self.fileRules = fileRules
  }

  /// Takes over what the configuration says. Its patterns were checked when it was read.
  public init(_ settings: SourceSettings) {
    self.init(
      quiet: settings.quiet, markerFile: settings.markerFile, controlFile: settings.controlFile,
      fileRules: settings.fileRules.compactMapValues { Glob($0) })
  }

  /// True for a name that is never a data file: control file, marker, list of digests, and temporary names.
  func isNeverData(_ name: String) -> Bool {
    name == DropName.control || name == DropName.sums || markerFile.map { ExactText($0) } == ExactText(name)
      || DropName.isTemporary(name)
  }

  /// Name of the fixed control file without its folders.
  public var controlFileName: String? { controlFile.map { String($0.split(separator: "/").last ?? "") } }
}
