extension ChecksumList {
  /// The line of a file as sha256sum(1) writes it, with its end.
  /// - Parameter digest: 64 hex digits.
  public static func line(_ digest: String, _ name: String) -> String {
    var escaped = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    let isEscaped = escaped.utf8.count != name.utf8.count
    return "\(isEscaped ? "\\" : "")\(digest)  \(escaped)\n"
  }
}
