/// Rules about the names of dropped files and folders (docs/exporters.md, "What a set is").
public enum DropName {
  /// The name of a control file in a set.
  public static let control = "control.json"
  /// The name of a list of digests in a set.
  public static let sums = "SHA256SUMS"

  /// True for names that are never taken: exporters and copying programs give them to what is unfinished.
  public static func isTemporary(_ name: String) -> Bool {
    // By bytes: a name is looked at for each event, and what the kernel calls equal is.
    let bytes = name.utf8
    guard let first = bytes.first, let last = bytes.last else { return false }
    if first == UInt8(ascii: ".") || last == UInt8(ascii: "~") { return true }
    if zip(bytes, bytes.dropFirst()).contains(where: { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: "~") }) {
      return true
    }
    guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let ending = bytes[dot...]
    return temporaryEndings.contains { $0.count == ending.count && ending.elementsEqual($0) }
  }

  private static let temporaryEndings = [".tmp", ".part", ".partial", ".filepart", ".crdownload"].map {
    Array($0.utf8)
  }

  /// True for a name that can only mean one entry of the directory itself: not empty, not `.` or `..`, without
  /// separator and control character. It says nothing about whether such a file is there.
  public static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
      && !name.unicodeScalars.contains { $0 == "/" || $0.isControl }
  }

  /// The last component of a path, which is the path itself where it has one component only.
  static func last(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// The name without its extension, which is one `.` suffix; nil where there is none.
  static func stem(_ name: String) -> String? {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return nil }
    guard name.utf8.index(after: dot) != name.endIndex else { return nil }
    return String(name[..<dot])
  }

  /// The extension that ``stem(_:)`` leaves out.
  static func fileExtension(_ name: String) -> String? {
    stem(name).map { String(name.utf8.dropFirst($0.utf8.count + 1)) ?? "" }
  }
}

/// Names that file managers and servers leave behind. An entry with such a name, and whatever is below it, is ignored: it is no
/// reason to wait, is not uploaded, and moves along with its folder (docs/exporters.md, "What a set is").
public enum Litter {
  /// True for a path of which one component is such a name.
  public static func contains(path: String) -> Bool {
    path.utf8.split(separator: UInt8(ascii: "/")).contains { isLitter($0) }
  }

  /// True for such a name, given by its bytes, which need not be UTF-8.
  public static func isLitter(_ name: some Collection<UInt8>) -> Bool {
    names.contains { $0.elementsEqual(name) } || beginnings.contains { name.starts(with: $0) }
      || (name.count >= ending.count && name.suffix(ending.count).elementsEqual(ending))
  }

  private static let names = bytes(
    ".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir", "#recycle", "lost+found", ".directory")
  private static let beginnings = bytes("._", "~$", ".Trash", ".nfs", ".fuse_hidden")
  private static let ending = Array(":Zone.Identifier".utf8)

  private static func bytes(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }
}
