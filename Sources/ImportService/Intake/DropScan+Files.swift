import ImportCore
import ImportSystem

extension DropScan {
  /// What was found in one file, and what the file was then.
  struct Found<Value: Hashable & Sendable>: Sendable {
    var name: String
    /// nil when the file is gone.
    var status: EntryStatus?
    /// nil when the file was changed while it was looked at, so that nothing can be said of it.
    var value: Value?
  }

  /// Reads a control file; one with too many bytes breaks the rules like any other.
  func readControl(in folder: String?) -> Found<Content<Evidence.Control>> {
    var parents = Parents(self, folder)
    return readControl(&parents)
  }

  /// The same in a folder that is open already.
  func readControl(_ parents: inout Parents) -> Found<Content<Evidence.Control>> {
    examine(DropName.control, &parents, otherwise: Self.unreadableControl) {
      file throws(SystemError) in
      .read(Evidence.Control(try file.readAll(atMost: ControlFile.largest)))
    }
  }

  private static func unreadableControl(_ error: SystemError) -> Content<Evidence.Control> {
    error.isTooLarge ? .read(.tooLarge) : .unreadable(error.description)
  }

  /// Reads a list of digests.
  func readSums(in folder: String?) -> Found<Content<ChecksumList>> {
    var parents = Parents(self, folder)
    return examine(DropName.sums, &parents, otherwise: { .unreadable($0.description) }) {
      file throws(SystemError) in
      .read(ChecksumList(try file.readAll(atMost: ChecksumList.largest)))
    }
  }

  /// Computes digests, one file after another, until `isCancelled` says that nobody wants them any more.
  func digests(of names: [String], in folder: String?, checking isCancelled: () -> Bool)
    -> [Found<Content<SHA256Digest>>]
  {
    var parents = Parents(self, folder)
    return names.map { name in
      examine(name, &parents, otherwise: { .unreadable($0.description) }) { file throws(SystemError) in
        .read(SHA256Digest(bytes: try file.sha256(checking: isCancelled).digest))
      }
    }
  }

  /// Asks the kernel who writes to the files; where leases mean nothing, only whether they can be opened.
  func writers(of names: [String], _ parents: inout Parents, byLease: Bool) -> [Found<WriterAnswer>] {
    names.map { name in
      examine(name, &parents, otherwise: Self.refusedToOpen) { file throws(SystemError) in
        guard byLease else { return .cannotTell }
        return switch file.probeWriters() {
        case .nobody: .nobody
        case .somebody: .somebody
        case .cannotTell: .cannotTell
        }
      }
    }
  }

  /// A file that cannot even be opened: with EAGAIN another program has a lease on it, and so it is in use.
  private static func refusedToOpen(_ error: SystemError) -> WriterAnswer {
    error.isInUse ? .somebody : .unreadable(error.description)
  }

  /// Asks whether the folder, or for nil the files, may be moved out of the drop directory. Where that cannot be found
  /// out, the move itself will tell.
  func moving(_ names: [String], _ parents: inout Parents) -> MoveAnswer {
    do {
      return MoveAnswer(try parents.dropDirectory().refusalToMove(parents.folder ?? names))
    } catch {
      return .allowed
    }
  }

  /// Reads the source's fixed control file.
  func readFixed(_ controlFile: String) -> Content<Evidence.Control> {
    let parts = controlFile.split(separator: "/")
    let parent = "/" + parts.dropLast().joined(separator: "/")
    do throws(SystemError) {
      let directory = try fileSystem.openDirectory(parent)
      let bytes = try directory.readFile(String(parts.last ?? ""), atMost: ControlFile.largest)
      return .read(Evidence.Control(bytes))
    } catch {
      return Self.unreadableControl(error)
    }
  }

  /// Opens a file and does something with it; the status is asked after that, so that what was found is never older
  /// than the state it is filed under.
  private func examine<Value>(
    _ name: String, _ parents: inout Parents, otherwise: (SystemError) -> Value,
    _ body: (OpenFile) throws(SystemError) -> Value
  ) -> Found<Value> {
    var status: EntryStatus?
    do throws(SystemError) {
      let (directory, last) = try parents.parent(of: name)
      let seen = try directory.status(last)
      status = seen.map { EntryStatus($0) }
      guard let seen else { return Found(name: name, status: nil, value: nil) }
      let file = try directory.openForReading(last, seen: seen)
      let value = try body(file)
      let after = EntryStatus(try file.status())
      guard let before = status, before == after else {
        return Found(name: name, status: after, value: nil)
      }
      return Found(name: name, status: after, value: value)
    } catch {
      return Found(name: name, status: error.isMissing ? nil : status, value: otherwise(error))
    }
  }

  /// The directories that one look has opened: many files of a set lie in the same. They are not kept for the next look.
  struct Parents {
    private let scan: DropScan
    /// The folder as a list of one name; nil for the drop directory's own files.
    let folder: [String]?
    private var open: [String: Directory] = [:]
    private var drop: Directory?

    init(_ scan: DropScan, _ folder: String?) {
      self.scan = scan
      self.folder = folder.map { [$0] }
    }

    /// The drop directory.
    mutating func dropDirectory() throws(SystemError) -> Directory {
      if let drop { return drop }
      let directory = try scan.fileSystem.openDirectory(scan.path)
      drop = directory
      return directory
    }

    /// The folder, or the drop directory where there is none.
    mutating func top() throws(SystemError) -> Directory { try directory([]) }

    private mutating func directory(_ parts: [String]) throws(SystemError) -> Directory {
      let place = parts.joined(separator: "/")
      if let directory = open[place] { return directory }
      var directory = try dropDirectory()
      for part in (folder ?? []) + parts { directory = try directory.openDirectory(part) }
      open[place] = directory
      return directory
    }

    /// The directory in which a file lies, and its own name.
    mutating func parent(of name: String) throws(SystemError) -> (Directory, String) {
      var parts = name.split(separator: "/").map(String.init)
      let last = parts.popLast() ?? ""
      return (try directory(parts), last)
    }
  }
}

extension DropScan {
  /// Looks at single files in a folder; nil for those that are gone or cannot be reached.
  func look(at paths: Set<String>, in folder: String) -> [(path: String, status: EntryStatus?)] {
    var parents = Parents(self, folder)
    return paths.map { path in
      let found = try? parents.parent(of: path)
      let status = found.flatMap { directory, name in try? directory.status(name) }
      return (path, status.map { EntryStatus($0) })
    }
  }
}

extension MoveAnswer {
  /// Takes over what the system floor says.
  fileprivate init(_ refusal: MoveRefusal?) {
    switch refusal {
    case nil: self = .allowed
    case .readOnly: self = .readOnly
    case .directory: self = .directoryClosed
    case .folder: self = .folderClosed
    case .sticky(let entry, let owner): self = .sticky(entry: entry, owner: owner)
    }
  }
}
