/// Where a value in force comes from.
public enum ConfigurationOrigin: Hashable, Sendable, CustomStringConvertible {
  /// Nobody wrote it.
  case byDefault
  /// It was written in this file, on this line (counted from 1).
  case file(path: String, line: Int)

  /// `default`, or `FILE:LINE`.
  public var description: String {
    switch self {
    case .byDefault: "default"
    case .file(let path, let line): "\(path):\(line)"
    }
  }
}

/// One value in force, for people who want to see what the daemon would do and why.
public struct ConfiguredValue: Hashable, Sendable {
  /// The section without brackets: `Server`, `Source hr`.
  public let section: String
  public let key: String
  /// The value in its usual spelling (`5000ms` is shown as `5s`), secrets masked; empty: not set.
  public let text: String
  public let origin: ConfigurationOrigin

  /// Describes a value.
  public init(section: String, key: String, text: String, origin: ConfigurationOrigin) {
    self.section = section
    self.key = key
    self.text = text
    self.origin = origin
  }
}
