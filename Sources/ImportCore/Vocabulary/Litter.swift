/// Names that file managers and servers leave behind. An entry with such a name, and whatever is below it, is ignored: it is no
/// reason to wait, is not uploaded, and moves along with its folder (INTERFACE, "An export set").
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
