/// The version of the program.
public enum Version {
  /// As `haplo-importd version` prints it and the server sees it.
  public static let text = "0.1.0"
}
