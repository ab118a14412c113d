import Glibc
import ImportCore
@testable import ImportStorage
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// A file of another user that is put into a set after its folder, or beside a control file, is not opened to the daemon.
@Suite(.enabled(if: geteuid() == 0, "only root can make files of other users"))
struct ForeignFileTests {
  private let place = Place()
  private let exporter: uid_t = 61001
  private let other: uid_t = 61002

  enum Form: CaseIterable, Sendable { case folder, flat }

  /// Rows: the form of the set, and whether the file belongs to the one who dropped the set.
  @Test(arguments: Form.allCases, [true, false])
  func `access is granted to the files of the set's owner alone`(form: Form, isOwn: Bool) throws {
    let prefix = form == .folder ? "/staff/" : "/"
    let drop = place.root + "/incoming"
    mkdir(drop, 0o755)
    if form == .folder {
      mkdir(drop + "/staff", 0o755)
      chown(drop + "/staff", exporter, exporter)
    }
    for (name, owner) in [("control.json", exporter), ("units.json", isOwn ? exporter : other)] {
      place.write("{}", to: drop + prefix + name)
      chown(drop + prefix + name, owner, owner)
      chmod(drop + prefix + name, 0o600)
    }
    var visit = try visit(drop, form)
    let answer = try #require(visit.writers(of: ["units.json"], byLease: false).first?.value)
    #expect((answer == .cannotTell) == isOwn, "\(answer)")
    if case .unreadable(let obstacle) = answer {
      #expect(obstacle.text.contains("it is not imported, because the set belongs to uid \(exporter)"))
      #expect(obstacle.remedy?.contains("chown \(exporter) \(drop)\(prefix)units.json") == true)
    }
    #expect(hasAccessList(drop + prefix + "units.json") == isOwn)
  }

  /// A flat set without a control file is no set yet: it has no owner.
  @Test func `flat files without a control file are left alone`() throws {
    let drop = place.root + "/incoming"
    mkdir(drop, 0o755)
    place.write("{}", to: drop + "/units.json")
    chown(drop + "/units.json", other, other)
    chmod(drop + "/units.json", 0o600)
    var visit = try visit(drop, .flat)
    _ = visit.writers(of: ["units.json"], byLease: false)
    #expect(!hasAccessList(drop + "/units.json"))
  }

  /// A visit that does not list, as after an event of one file. The first attempt to open the file is refused, as it is to a
  /// daemon that is not root.
  private func visit(_ drop: String, _ form: Form) throws -> SetVisit {
    let isRefused = Mutex(false)
    let fileSystem = FileSystem { operation throws(SystemError) in
      guard operation.purpose == "read", operation.object.hasSuffix("/units.json") else { return }
      let isSecond = isRefused.withLock { refused in
        defer { refused = true }
        return refused
      }
      if !isSecond { throw SystemError(failing: operation, errno: EACCES) }
    }
    for name in ["/state", "/store"] { mkdir(place.root + name, 0o755) }
    let locks = try ServiceLocks(
      state: fileSystem.openDirectory(place.root + "/state"),
      spool: fileSystem.openDirectory(place.root + "/store"))
    let scanner = DirectoryScanner(fileSystem: fileSystem, path: drop, inotify: nil, locks: locks)
    let own = EntryStatus(try fileSystem.openDirectory(drop).ownStatus())
    return SetVisit(scanner, own: own, folder: form == .folder ? "staff" : nil, hasFixedControl: false)
  }

  /// The mask of an access list is shown as the group's rights.
  private func hasAccessList(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & 0o070 != 0
  }
}
