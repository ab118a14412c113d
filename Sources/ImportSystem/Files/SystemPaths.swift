import Glibc

/// Calls on paths that this program itself has made.
public enum SystemPaths {
  /// Removes a name that is no directory; whether it was there does not matter.
  public static func remove(_ path: String) { _ = unsafe unlink(path) }
}
