import Glibc
import ImportCore
import ImportSystem

extension SetVisit {
  /// What was found in one file, and what the file was then.
  struct Found<Value: Hashable & Sendable>: Sendable {
    var name: String
    /// nil when the file is gone.
    var status: EntryStatus?
    /// nil when the file was changed while it was examined, so that nothing can be said of it.
    var value: Value?
  }

  /// Reads a control file; one with too many bytes breaks the rules like any other.
  mutating func readControl() -> Found<Content<Evidence.Control>> {
    examine(DropName.control, otherwise: { Self.unreadableControl($0, $1) }) {
      file, size throws(SystemError) in
      .read(Evidence.Control(try file.readAll(atMost: ControlFile.largest, expecting: size)))
    }
  }

  private static func unreadableControl(_ error: SystemError, _ obstacle: EntryObstacle) -> Content<
    Evidence.Control
  > { error.isTooLarge ? .read(.tooLarge) : .unreadable(obstacle) }

  /// Reads a list of digests.
  mutating func readSums() -> Found<Content<ChecksumList>> {
    examine(DropName.sums, otherwise: { .unreadable($1) }) { file, size throws(SystemError) in
      .read(ChecksumList(try file.readAll(atMost: ChecksumList.largest, expecting: size)))
    }
  }

  /// Computes digests, one file after another, until `isCancelled` says that nobody wants them any more.
  mutating func digests(of names: [String], checking isCancelled: () -> Bool) -> [Found<
    Content<SHA256Digest>
  >] {
    names.map { name in
      examine(name, otherwise: { .unreadable($1) }) { file, _ throws(SystemError) in
        .read(SHA256Digest(bytes: try file.sha256(checking: isCancelled).digest))
      }
    }
  }

  /// Asks the kernel who writes to the files; where leases mean nothing, only whether they can be opened.
  mutating func writers(of names: [String], byLease: Bool) -> [Found<WriterAnswer>] {
    names.map { name in
      examine(name, otherwise: { $0.isInUse ? .somebody : .unreadable($1) }) { file, _ throws(SystemError) in
        guard byLease else { return .cannotTell }
        return switch file.probeWriters() {
        case .nobody: .nobody
        case .somebody: .somebody
        case .cannotTell: .cannotTell
        }
      }
    }
  }

  /// Asks whether the folder, or for nil the files, may be moved out of the drop directory. Where that cannot be found
  /// out, the move itself will tell.
  mutating func moving(_ names: [String]) -> MoveAnswer {
    do {
      return MoveAnswer(try dropDirectory().rights.refusalToMove(folder.map { [$0] } ?? names), moveObstacle)
    } catch {
      return .allowed
    }
  }

  /// Reads the source's fixed control file.
  func readFixed(_ controlFile: String) -> Content<Evidence.Control> {
    let parts = controlFile.split(separator: "/")
    let parent = "/" + parts.dropLast().joined(separator: "/")
    do throws(SystemError) {
      let directory = try scanner.fileSystem.openDirectory(parent)
      let bytes = try directory.readFile(String(parts.last ?? ""), atMost: ControlFile.largest)
      return .read(Evidence.Control(bytes))
    } catch {
      return Self.unreadableControl(error, EntryObstacle(error.description))
    }
  }

  /// Opens a file, with access granted if that is what is missing, and does something with it, given its size. Afterwards the file
  /// is examined once more, so that what was found, or why nothing was, is never older than the state that it is filed under.
  private mutating func examine<Value>(
    _ name: String, otherwise: (SystemError, EntryObstacle) -> Value,
    _ body: (OpenFile, Int64) throws(SystemError) -> Value
  ) -> Found<Value> {
    var opened: EntryStatus?
    var obstacle: EntryObstacle?
    do throws(SystemError) {
      let (file, before) = try openFile(name, &obstacle)
      opened = before
      let value = try body(file, before.identity.size)
      let after = EntryStatus(try file.status())
      return Found(name: name, status: after, value: before == after ? value : nil)
    } catch {
      let now = error.isMissing ? nil : status(of: name)
      guard opened == nil || opened == now else { return Found(name: name, status: now, value: nil) }
      return Found(
        name: name, status: now, value: otherwise(error, obstacle ?? EntryObstacle(error.description)))
    }
  }

  private mutating func openFile(_ name: String, _ obstacle: inout EntryObstacle?) throws(SystemError) -> (
    OpenFile, EntryStatus
  ) {
    do throws(SystemError) {
      return try openFile(name)
    } catch {
      guard error.errno == EACCES else { throw error }
      let (directory, last) = try parent(of: name)
      try findOwner()
      obstacle = access.grant(.read, to: last, in: directory, as: name)
      if obstacle != nil { throw error }
      return try openFile(name)
    }
  }
}

extension MoveAnswer {
  fileprivate init(_ refusal: MoveRefusal?, _ obstacle: EntryObstacle?) {
    switch refusal {
    case nil: self = .allowed
    case .readOnly: self = .readOnly
    case .directory: self = .directoryClosed
    case .folder:
      self = .folderClosed(
        obstacle ?? EntryObstacle("permission denied: the daemon needs write access to this folder"))
    case .sticky(let entry, let owner): self = .sticky(entry: entry, owner: owner)
    }
  }
}
