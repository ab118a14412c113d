import FoundationEssentials
import Glibc
import ImportCore
@testable import ImportStorage
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// Claims whose drop directory is on another file system than the spool, where nothing can be renamed.
@Suite(.enabled(if: hasOtherFileSystem, "/dev/shm must be another file system than /tmp"))
struct OtherFileSystemTests {
  private let place = Place()
  private let drop: String
  private let set = SetID("20261124T070512Z-hr-7f3k2m9q")!

  init() throws {
    var template = Array("/dev/shm/haplo-drop-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    drop = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @Test(arguments: [SetForm.folder, .flat])
  func `a set is copied whole, and then gone where it was`(form: SetForm) throws {
    defer { removeDrop() }
    let claim = try dropSet(form)
    #expect(try spool().claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(taken() == whole(form))
    #expect(dropped() == [:])
  }

  @Test(arguments: [SetForm.folder, .flat])
  func `every directory that leads to the copy is synced before an original is removed`(form: SetForm) throws
  {
    defer { removeDrop() }
    let claim = try dropSet(form)
    let synced = Mutex<Set<String>>([])
    let early = Mutex<[String]>([])
    let own = "\(place.spool)/work/hr/\(set.text)"
    let way = [own, "\(place.spool)/work/hr"] + (form == .flat ? ["\(own)/files"] : [])
    let drop = drop
    let fileSystem = FileSystem { operation throws(SystemError) in
      if operation.kind == .sync { synced.withLock { _ = $0.insert(operation.object) } }
      guard operation.kind == .rename, operation.object.hasPrefix(drop),
        operation.target?.hasPrefix(drop) == true
      else {
        return
      }
      let missing = synced.withLock { synced in way.filter { !synced.contains($0) } }
      early.withLock { $0 += missing }
    }
    let spool = try Spool(path: place.spool, fileSystem: fileSystem)
    #expect(try spool.claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(early.withLock { $0 } == [])
  }

  /// A file manager or server may use its own files for hours.
  @Test(arguments: [false, true])
  func `litter that is in use is no reason to leave a set`(diesAfterCopy: Bool) throws {
    defer { removeDrop() }
    let claim = try dropSet(.folder)
    place.write("thumbs", to: "\(drop)/export/Thumbs.db")
    place.makeFolder("\(drop)/export/sub/@eaDir")
    place.write("thumbs", to: "\(drop)/export/sub/@eaDir/staff.jpg")
    let writers = [
      open("\(drop)/export/Thumbs.db", O_WRONLY), open("\(drop)/export/sub/@eaDir/staff.jpg", O_WRONLY),
    ]
    defer { for writer in writers { close(writer) } }
    if diesAfterCopy {
      let dying = FileSystem { operation throws(SystemError) in
        if operation.kind == .rename, operation.purpose == "claim",
          operation.object.hasSuffix("/control.json")
        {
          throw SystemError(failing: operation, errno: EIO)
        }
      }
      #expect(throws: SystemError.self) {
        try Spool(path: place.spool, fileSystem: dying).claim(claim, as: set, fixedControl: nil)
      }
      place.write("more", to: "\(drop)/export/Thumbs.db")
    }
    #expect(try spool().claim(claim, as: set, fixedControl: nil) == .taken)
    let litter = ["Thumbs.db": "thumbs", "sub/@eaDir/staff.jpg": "thumbs"]
    #expect(taken() == whole(.folder).merging(litter) { $1 })
    #expect(dropped() == [:])
    #expect(access("\(drop)/export", F_OK) != 0)
  }

  /// A file server's lease on a file, and a folder of its own that nobody else may read.
  @Test(arguments: [EAGAIN, EACCES])
  func `litter that cannot be opened is no reason to leave a set`(code: Int32) throws {
    defer { removeDrop() }
    let claim = try dropSet(.folder)
    place.write("thumbs", to: "\(drop)/export/Thumbs.db")
    place.makeFolder("\(drop)/export/@eaDir")
    let refusing = FileSystem { operation throws(SystemError) in
      let isRefused =
        operation.object.hasSuffix("/Thumbs.db") || code == EACCES && operation.object.hasSuffix("/@eaDir")
      if operation.kind == .open, isRefused { throw SystemError(failing: operation, errno: code) }
    }
    let spool = try Spool(path: place.spool, fileSystem: refusing)
    #expect(try spool.claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(taken() == whole(.folder))
    #expect(dropped() == [:])
  }

  @Test(arguments: [SetForm.folder, .flat])
  func `a file that is replaced while it is copied stays for the next set`(form: SetForm) throws {
    defer { removeDrop() }
    let claim = try dropSet(form)
    let path = "\(folder(form))/staff.json"
    let spool = try spool(atFirst: { $0.kind == .read && $0.object == path }) { [place] in
      place.write("new", to: path + ".part")
      rename(path + ".part", path)
    }
    #expect(try spool.claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(taken() == whole(form))
    #expect(dropped() == [path: "new"])
  }

  @Test(arguments: [SetForm.folder, .flat])
  func `a file that is replaced just before it is removed stays for the next set`(form: SetForm) throws {
    defer { removeDrop() }
    let claim = try dropSet(form)
    let path = "\(folder(form))/staff.json"
    let isSetAside: @Sendable (FileOperation) -> Bool = {
      $0.kind == .rename && $0.object == path && $0.target?.hasSuffix(".part") == true
    }
    let spool = try spool(atFirst: isSetAside) { [place] in
      place.write("new", to: path + ".part")
      rename(path + ".part", path)
    }
    #expect(try spool.claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(taken() == whole(form))
    #expect(dropped() == [path: "new"])
  }

  @Test(arguments: [SetForm.folder, .flat])
  func `a program that opens a file for writing while it is copied keeps the set in the drop directory`(
    form: SetForm
  ) throws {
    defer { removeDrop() }
    let claim = try dropSet(form)
    let path = "\(folder(form))/staff.json"
    let spool = try spool(atFirst: { $0.kind == .read && $0.object == path }) {
      // It breaks the lease, and does not wait here, for this thread holds it.
      #expect(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC) == -1)
      #expect(errno == EWOULDBLOCK)
    }
    #expect(try isWithdrawn(spool.claim(claim, as: set, fixedControl: nil)))
    #expect(taken() == [:])
    #expect(dropped().count == whole(form).count)
  }

  @Test(arguments: [SetForm.folder, .flat])
  func `a file that is rewritten while it is copied, where there are no leases, is not taken`(form: SetForm)
    throws
  {
    defer { removeDrop() }
    let claim = try dropSet(form)
    let path = "\(folder(form))/staff.json"
    let hasWritten = Counter()
    let fileSystem = FileSystem { [place] operation throws(SystemError) in
      if operation.kind == .lock { throw SystemError(failing: operation, errno: EINVAL) }
      if operation.kind == .read, operation.object == path, hasWritten.next() == 2 {
        place.write("other bytes", to: path)
      }
    }
    let spool = try Spool(path: place.spool, fileSystem: fileSystem)
    #expect(try isWithdrawn(spool.claim(claim, as: set, fixedControl: nil)))
    #expect(taken() == [:])
    #expect(dropped()[path] == "other bytes")
    #expect(dropped().count == whole(form).count)
  }

  @Test func `a file that is added to a folder while it is copied stays there`() throws {
    defer { removeDrop() }
    let claim = try dropSet(.folder)
    let path = "\(drop)/export/staff.json"
    let spool = try spool(atFirst: { $0.kind == .read && $0.object == path }) { [place, drop] in
      place.write("late", to: "\(drop)/export/sub/late.json")
    }
    #expect(try spool.claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(taken() == whole(.folder))
    #expect(dropped() == ["\(drop)/export/sub/late.json": "late"])
  }

  @Test(arguments: [SetForm.folder, .flat])
  func `a copy that is cancelled leaves the set in the drop directory`(form: SetForm) throws {
    defer { removeDrop() }
    let claim = try dropSet(form)
    let error = #expect(throws: SystemError.self) {
      try spool().claim(claim, as: set, fixedControl: nil, WorkProgress(isCancelled: { true }))
    }
    #expect(error?.isCancelled == true)
    #expect(taken() == [:])
    #expect(dropped().count == whole(form).count)
  }

  /// Every change of the disk fails in turn, and everything after it; then the claim is finished as after a crash.
  @Test(arguments: [SetForm.folder, .flat])
  func `a copy that breaks off is finished later, with no file lost or doubled`(form: SetForm) throws {
    defer { removeDrop() }
    for failing in 1... {
      place.makeFolder(place.spool)
      let claim = try dropSet(form)
      let outcome = claimDying(claim, at: failing)
      if outcome == nil {
        // The machine may have given the disks other numbers since, as it does with btrfs.
        let again = renumbered(claim)
        #expect(try spool().claim(again, as: set, fixedControl: nil) == .taken, "failed at \(failing)")
      }
      #expect(taken() == whole(form), "failed at \(failing)")
      #expect(dropped() == [:], "failed at \(failing)")
      try FileManager.default.removeItem(atPath: Spool.path(in: place.spool, .work, of: set))
      if outcome == .taken { return }
    }
  }

  /// A power cut can take both a copy's last rename and originals that the exporter had not synced.
  @Test(arguments: [SetForm.folder, .flat])
  func `a claim whose originals are lost after a copy was begun is withdrawn and leaves nothing`(
    form: SetForm
  )
    throws
  {
    defer { removeDrop() }
    let claim = try dropSet(form)
    let dying = FileSystem { operation throws(SystemError) in
      if operation.kind == .rename, operation.purpose == "claim", operation.object.contains(".files.new") {
        throw SystemError(failing: operation, errno: EIO)
      }
    }
    #expect(throws: SystemError.self) {
      try Spool(path: place.spool, fileSystem: dying).claim(claim, as: set, fixedControl: nil)
    }
    try FileManager.default.removeItem(atPath: form == .folder ? "\(drop)/export" : "\(drop)/staff.json")
    #expect(isWithdrawn(try spool().claim(claim, as: set, fixedControl: nil)))
    #expect(access(Spool.path(in: place.spool, .work, of: set), F_OK) != 0)
  }

  /// The copy was begun after the time of the journal's backup, and nothing of the drop directory is missing.
  @Test(arguments: [SetForm.folder, .flat])
  func `a half-made copy that the journal does not know goes, and no file is lost`(form: SetForm) throws {
    defer { removeDrop() }
    for failing in 1... {
      place.makeFolder(place.spool)
      let claim = try dropSet(form)
      let all = dropped()
      let outcome = claimDying(claim, at: failing)
      let own = Spool.path(in: place.spool, .work, of: set)
      let found = try spool().claimsAtWork(unknownTo: JournalState())
      if found.isEmpty {
        #expect(dropped() == all, "failed at \(failing)")
        #expect(access(own, F_OK) != 0, "failed at \(failing)")
      } else {
        #expect(found.map(\.set) == [set])
        let here = taken()
        #expect(dropped().values.allSatisfy(all.values.contains) && !here.isEmpty, "failed at \(failing)")
        for (path, text) in all where dropped()[path] == nil {
          #expect(here.values.contains(text), "failed at \(failing): \(path)")
        }
      }
      try? FileManager.default.removeItem(atPath: own)
      if outcome == .taken { return }
    }
  }

  /// Only what the daemon itself made is removed: the name of its copies is free for others.
  @Test func `an exporter's folder of the copy's name stays with its set`() throws {
    let files = "\(Spool.path(in: place.spool, .work, of: set))/files"
    place.makeFolder("\(files)/.files.new")
    place.write("[]", to: "\(files)/.files.new/staff.json")
    place.write("{}", to: "\(files)/control.json")
    #expect(try spool().claimsAtWork(unknownTo: JournalState()).map(\.set) == [set])
    #expect(place.text("\(files)/.files.new/staff.json") == "[]")
  }

  @Test func `a set dropped under the same name meanwhile stays where it is`() throws {
    defer { removeDrop() }
    let claim = try dropSet(.folder)
    #expect(try spool().claim(claim, as: set, fixedControl: nil) == .taken)
    place.makeFolder("\(drop)/export")
    place.write("new", to: "\(drop)/export/staff.json")
    #expect(try spool().claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(dropped() == ["\(drop)/export/staff.json": "new"])
    #expect(taken()["staff.json"] == "staff")
  }

  private func spool() throws -> Spool { try Spool(path: place.spool, fileSystem: FileSystem()) }

  /// Claims a set on a disk on which this change of the claim fails, counted from 1, and all after it. Nil if it was reached.
  private func claimDying(_ claim: Claim, at failing: Int) -> ClaimOutcome? {
    let count = Counted()
    let dying = FileSystem { operation throws(SystemError) in
      let changes: Bool = ![.open, .read, .statistics, .list].contains(operation.kind)
      if changes, operation.purpose == "claim", count.next() >= failing {
        throw SystemError(failing: operation, errno: EIO)
      }
    }
    return try? Spool(path: place.spool, fileSystem: dying).claim(claim, as: set, fixedControl: nil)
  }

  private func dropSet(_ form: SetForm) throws -> Claim {
    let folder = form == .folder ? "\(drop)/export" : drop
    place.makeFolder(folder)
    place.write("control", to: "\(folder)/control.json")
    place.write("staff", to: "\(folder)/staff.json")
    if form == .folder {
      place.makeFolder("\(folder)/sub")
      place.write("notes", to: "\(folder)/sub/\(longName)")
    }
    let directory = try FileSystem().openDirectory(drop)
    let names = form == .folder ? ["export"] : ["staff.json", "control.json"]
    let items = try names.map { name in
      Claim.Item(name: name, identity: ImportCore.FileIdentity(try #require(try directory.status(name))))
    }
    return Claim(
      form: form, name: names.last!, directory: drop, control: "control.json", completed: set.completed,
      items: items)
  }

  /// What is in a folder set besides: a name as long as a file system allows.
  private var longName: String { String(repeating: "n", count: 255) }

  private func whole(_ form: SetForm) -> [String: String] {
    let files = ["control.json": "control", "staff.json": "staff"]
    return form == .flat ? files : files.merging(["sub/\(longName)": "notes"]) { $1 }
  }

  private func folder(_ form: SetForm) -> String { form == .folder ? "\(drop)/export" : drop }

  /// A spool whose file system does something before the first call of a kind.
  private func spool(
    atFirst matches: @escaping @Sendable (FileOperation) -> Bool, _ body: @escaping @Sendable () -> Void
  ) throws -> Spool {
    let calls = Counter()
    let fileSystem = FileSystem { operation throws(SystemError) in
      if matches(operation), calls.next() == 1 { body() }
    }
    return try Spool(path: place.spool, fileSystem: fileSystem)
  }

  private func isWithdrawn(_ outcome: ClaimOutcome) -> Bool {
    if case .withdrawn = outcome { true } else { false }
  }

  private func renumbered(_ claim: Claim) -> Claim {
    var claim = claim
    for index in claim.items.indices { claim.items[index].identity.device += 1 }
    return claim
  }

  private func taken() -> [String: String] {
    contents(below: "\(Spool.path(in: place.spool, .work, of: set))/files", prefix: "")
  }

  /// The files in the drop directory, by their paths.
  private func dropped() -> [String: String] { contents(below: drop, prefix: drop + "/") }

  private func contents(below folder: String, prefix: String) -> [String: String] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return paths.reduce(into: [:]) { contents, path in
      var status = stat()
      guard lstat("\(folder)/\(path)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
      contents[prefix + path] = place.text("\(folder)/\(path)")
    }
  }

  private func removeDrop() { try? FileManager.default.removeItem(atPath: drop) }
}

/// Counts the changes of the disk that were asked for.
private final class Counted: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

private let hasOtherFileSystem: Bool = {
  var (one, other) = (stat(), stat())
  return stat("/dev/shm", &one) == 0 && stat("/tmp", &other) == 0 && one.st_dev != other.st_dev
}()
