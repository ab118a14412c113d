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

  /// Takes the name of a marker, which may be `SHA256SUMS`.
  static func checkMarker(_ name: String) throws(BadValue) {
    try check(name)
    if name == DropName.control {
      throw BadValue("is the control file's name, so that nothing would mark a set")
    }
    try checkClaimable(name)
  }

  /// Refuses names that keep a set from being claimed, or that are ignored in it.
  private static func checkClaimable(_ text: String) throws(BadValue) {
    if Litter.isLitter(text.utf8) {
      throw BadValue("is a name that file managers leave behind, which is ignored")
    }
    if DropName.isTemporary(text) {
      throw BadValue("is a name of a file that is still being written, with which no set is claimed")
    }
  }

  /// Takes a value of `File.KEY=`: a name or a pattern.
  static func checkPattern(_ text: String) throws(BadValue) {
    try check(text)
    if text == DropName.control || text == DropName.sums { throw BadValue("is never a data file") }
    try checkClaimable(text)
    if Glob(text) == nil { throw BadValue("has a '[' without its ']', or a range that runs backwards") }
  }
}
