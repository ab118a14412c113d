/// How much of a set is examined before it is uploaded (`Check=`).
public enum CheckDepth: String, CaseIterable, Sendable {
  /// The control file and every data file: what `check` does.
  case full
  /// The control file, with the options of its readers.
  case control
  /// What must be known to find the files, and no more.
  case off
}

/// Sizes from which readers of the server fail (PROTOCOL, "What the server does not check").
public enum ReaderLimit {
  /// Where nobody says otherwise: 16 MiB.
  public static let usual: Int64 = 16 << 20
}
