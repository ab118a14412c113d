import ImportCore

/// The `filename` that the server is told. It is for people only (the name that counts is the key), but an
/// empty one, or one that ends in `/` or `\`, would turn the file's part into a text field, everything up to
/// the last of them is cut off, and `"` and `\` are not safe there (PROTOCOL).
enum UploadName {
  /// Replaces what is not safe by `_`; all else, spaces and UTF-8 included, stays.
  static func safe(_ name: String) -> String {
    var safe = String.UnicodeScalarView()
    for scalar in name.unicodeScalars { safe.append(isSafe(scalar) ? scalar : "_") }
    return safe.isEmpty ? "file" : String(safe)
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "/", "\\", "\"": false
    case let scalar: !scalar.isControl
    }
  }
}
