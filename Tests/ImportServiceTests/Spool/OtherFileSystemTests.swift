import FoundationEssentials
import Glibc
import ImportCore
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
    #expect(taken() == ["control.json": "control", "staff.json": "staff"])
    #expect(dropped() == [])
  }

  /// Every change of the disk fails in turn, and everything after it; then the claim is finished as after a crash.
  @Test(arguments: [SetForm.folder, .flat])
  func `a copy that breaks off is finished later, with no file lost or doubled`(form: SetForm) throws {
    defer { removeDrop() }
    for failing in 1... {
      place.makeFolder(place.spool)
      let claim = try dropSet(form)
      let count = Counted()
      let dying = FileSystem { operation throws(SystemError) in
        let changes: Bool = ![.open, .read, .statistics, .list].contains(operation.kind)
        if changes, operation.purpose == "claim", count.next() >= failing {
          throw SystemError(failing: operation, errno: EIO)
        }
      }
      let outcome = try? Spool(path: place.spool, fileSystem: dying).claim(claim, as: set, fixedControl: nil)
      if outcome == nil {
        // The machine may have given the disks other numbers since, as it does with btrfs.
        let again = renumbered(claim)
        #expect(try spool().claim(again, as: set, fixedControl: nil) == .taken, "failed at \(failing)")
      }
      #expect(taken() == ["control.json": "control", "staff.json": "staff"], "failed at \(failing)")
      #expect(dropped() == [], "failed at \(failing)")
      try FileManager.default.removeItem(atPath: Spool.path(in: place.spool, .work, of: set))
      if outcome == .taken { return }
    }
  }

  @Test func `a set dropped under the same name meanwhile stays where it is`() throws {
    defer { removeDrop() }
    let claim = try dropSet(.folder)
    #expect(try spool().claim(claim, as: set, fixedControl: nil) == .taken)
    place.makeFolder("\(drop)/export")
    place.write("new", to: "\(drop)/export/staff.json")
    #expect(try spool().claim(claim, as: set, fixedControl: nil) == .taken)
    #expect(dropped() == ["export/staff.json"])
    #expect(taken()["staff.json"] == "staff")
  }

  private func spool() throws -> Spool { try Spool(path: place.spool, fileSystem: FileSystem()) }

  private func dropSet(_ form: SetForm) throws -> Claim {
    let folder = form == .folder ? "\(drop)/export" : drop
    place.makeFolder(folder)
    place.write("control", to: "\(folder)/control.json")
    place.write("staff", to: "\(folder)/staff.json")
    let directory = try FileSystem().openDirectory(drop)
    let names = form == .folder ? ["export"] : ["staff.json", "control.json"]
    let items = try names.map { name in
      Claim.Item(name: name, identity: ImportCore.FileIdentity(try #require(try directory.status(name))))
    }
    return Claim(
      form: form, name: names.last!, directory: drop, control: "control.json", completed: set.completed,
      items: items)
  }

  private func renumbered(_ claim: Claim) -> Claim {
    var claim = claim
    for index in claim.items.indices { claim.items[index].identity.device += 1 }
    return claim
  }

  private func taken() -> [String: String] {
    let files = "\(Spool.path(in: place.spool, .work, of: set))/files"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: files)) ?? []
    return names.reduce(into: [:]) { $0[$1] = place.text("\(files)/\($1)") }
  }

  private func dropped() -> [String] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: drop)) ?? []
    return paths.filter { $0 != "export" || FileManager.default.fileExists(atPath: "\(drop)/export/") }.filter
    {
      $0 != "export" || paths.count == 1
    }.sorted()
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
