import Glibc

extension FileSystem {
  /// Opens a regular file by the path that an administrator wrote: symbolic links are followed, for such
  /// files are often links. Anything else is refused without waiting for it.
  public func openFile(_ path: String, for purpose: String = "read") throws(SystemError) -> OpenFile {
    guard path.hasPrefix("/"), !path.utf8.contains(0) else {
      throw SystemError(call: "open", object: quoted(path), errno: EINVAL, detail: "the path is not absolute")
    }
    let number = try perform(FileOperation(.open, for: purpose, on: path)) {
      unsafe open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    let file = OpenFile(owning: number, path: path, fileSystem: self)
    let kind = try file.status().kind
    guard kind == .regular else {
      throw SystemError(
        call: "open", object: quoted(path), errno: EINVAL,
        detail: "it is a \(kind.rawValue), not a regular file")
    }
    return file
  }

  /// Opens a directory by its absolute path, making it and its missing parents, durably, with `mode`.
  public func openOrMakeDirectory(_ path: String, mode: UInt32, for purpose: String) throws(SystemError)
    -> Directory
  {
    do {
      return try openDirectory(path, for: purpose)
    } catch  where error.isMissing {
      let cut = path.lastIndex(of: "/") ?? path.startIndex
      let name = String(path[cut...].dropFirst())
      let parentPath = cut == path.startIndex ? "/" : String(path[..<cut])
      guard !name.isEmpty else { return try openOrMakeDirectory(parentPath, mode: mode, for: purpose) }
      return try openOrMakeDirectory(parentPath, mode: mode, for: purpose)
        .openOrMakeDirectory(name, mode: mode, for: purpose)
    }
  }

  /// Where a path really leads (realpath(3)): symbolic links are resolved as far as there is something, and
  /// what is not there yet is kept as it was written. Nil where that cannot be found out.
  public func resolved(_ path: String) -> String? {
    var existing = path
    var rest = ""
    while true {
      if let real = unsafe realpath(existing, nil) {
        defer { unsafe free(real) }
        let head = unsafe String(cString: real)
        return head == "/" && !rest.isEmpty ? rest : head + rest
      }
      guard errno == ENOENT, let slash = existing.lastIndex(of: "/"), existing != "/" else { return nil }
      rest = existing[slash...] + rest
      existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
    }
  }
}
