import ImportCore
import ImportSystem

extension DropVisit {
  /// What was found in one file, and what the file was then.
  struct Found<Value: Hashable & Sendable>: Sendable {
    var name: String
    /// nil when the file is gone.
    var status: EntryStatus?
    /// nil when the file was changed while it was looked at, so that nothing can be said of it.
    var value: Value?
  }

  /// Reads a control file; one with too many bytes breaks the rules like any other.
  mutating func readControl() -> Found<Content<Evidence.Control>> {
    examine(DropName.control, otherwise: Self.unreadableControl) { file, size throws(SystemError) in
      .read(Evidence.Control(try file.readAll(atMost: ControlFile.largest, expecting: size)))
    }
  }

  private static func unreadableControl(_ error: SystemError) -> Content<Evidence.Control> {
    error.isTooLarge ? .read(.tooLarge) : .unreadable(error.description)
  }

  /// Reads a list of digests.
  mutating func readSums() -> Found<Content<ChecksumList>> {
    examine(DropName.sums, otherwise: { .unreadable($0.description) }) { file, size throws(SystemError) in
      .read(ChecksumList(try file.readAll(atMost: ChecksumList.largest, expecting: size)))
    }
  }

  /// Computes digests, one file after another, until `isCancelled` says that nobody wants them any more.
  mutating func digests(of names: [String], checking isCancelled: () -> Bool) -> [Found<
    Content<SHA256Digest>
  >] {
    names.map { name in
      examine(name, otherwise: { .unreadable($0.description) }) { file, _ throws(SystemError) in
        .read(SHA256Digest(bytes: try file.sha256(checking: isCancelled).digest))
      }
    }
  }

  /// Asks the kernel who writes to the files; where leases mean nothing, only whether they can be opened.
  mutating func writers(of names: [String], byLease: Bool) -> [Found<WriterAnswer>] {
    names.map { name in
      examine(name, otherwise: Self.refusedToOpen) { file, _ throws(SystemError) in
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
  mutating func moving(_ names: [String]) -> MoveAnswer {
    do {
      let drop = try dropDirectory()
      guard let name = folder?.first, let folderStatus, let dropStatus else {
        return MoveAnswer(try drop.refusalToMove(folder ?? names))
      }
      return MoveAnswer(drop.refusalToMove([(name, folderStatus)], in: dropStatus))
    } catch {
      return .allowed
    }
  }

  /// Reads the source's fixed control file.
  func readFixed(_ controlFile: String) -> Content<Evidence.Control> {
    let parts = controlFile.split(separator: "/")
    let parent = "/" + parts.dropLast().joined(separator: "/")
    do throws(SystemError) {
      let directory = try scan.fileSystem.openDirectory(parent)
      let bytes = try directory.readFile(String(parts.last ?? ""), atMost: ControlFile.largest)
      return .read(Evidence.Control(bytes))
    } catch {
      return Self.unreadableControl(error)
    }
  }

  /// Opens a file and does something with it, given its size; what it is is asked once more after that, so that what was found,
  /// or why that was not possible, is never older than the state it is filed under.
  private mutating func examine<Value>(
    _ name: String, otherwise: (SystemError) -> Value, _ body: (OpenFile, Int64) throws(SystemError) -> Value
  ) -> Found<Value> {
    var opened: EntryStatus?
    do throws(SystemError) {
      let (file, before) = try openFile(name)
      opened = before
      let value = try body(file, before.identity.size)
      let after = EntryStatus(try file.status())
      return Found(name: name, status: after, value: before == after ? value : nil)
    } catch {
      let now = error.isMissing ? nil : status(of: name)
      return Found(name: name, status: now, value: opened == nil || opened == now ? otherwise(error) : nil)
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
