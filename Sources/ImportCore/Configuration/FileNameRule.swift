/// The rule for names that a configuration gives to files of a set: one plain component, no path.
enum FileNameRule {
  /// Throws what is wrong with a name or pattern.
  static func check(_ name: String) throws(BadValue) {
    if name.utf8.contains(UInt8(ascii: "/")) {
      throw BadValue("must be the name of a file in the set, without '/'")
    }
    if name == "." || name == ".." { throw BadValue("must be the name of a file") }
    if name.utf8.count > 255 { throw BadValue("has more than 255 bytes, the most that a file's name has") }
  }

  /// Takes a value of `File.KEY=`: a name or a pattern.
  static func checkPattern(_ text: String) throws(BadValue) {
    try check(text)
    if Glob(text) == nil { throw BadValue("has a '[' without its ']', or a range that runs backwards") }
  }
}
