/// Rules for the paths that an administrator writes.
enum AbsolutePath {
  /// The same path without doubled and trailing slashes and `.` components; nil if it is not absolute, or
  /// has `..` in it, with which two names of one directory could not be told to be the same.
  static func normalized(_ path: String) -> String? {
    guard path.utf8.first == UInt8(ascii: "/") else { return nil }
    let components = path.unicodeScalars.split(separator: "/").map { String($0) }.filter { $0 != "." }
    return components.contains("..") ? nil : "/" + components.joined(separator: "/")
  }

  /// The directory that holds what a normalized path names.
  static func parent(_ path: String) -> String {
    let cut = path.lastIndex(of: "/") ?? path.startIndex
    return cut == path.startIndex ? "/" : String(path[..<cut])
  }

  /// True if `path` is `directory` or lies somewhere below it; both normalized.
  static func isInside(_ path: String, _ directory: String) -> Bool {
    if directory == "/" { return true }
    guard path.utf8.starts(with: directory.utf8) else { return false }
    let next = path.utf8.dropFirst(directory.utf8.count).first
    return next == nil || next == UInt8(ascii: "/")
  }
}
