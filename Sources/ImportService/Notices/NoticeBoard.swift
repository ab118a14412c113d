import ImportCore
import ImportRuntime
import ImportSystem
import Synchronization

/// Where notices lie until haplo-importd-notify.service has fetched them: `notify/new/` in the state directory, a file
/// for each set. That folder is made by the units when somebody enables them; without it nobody wants notices, and
/// none is written.
///
/// A notice is durable before the set's move is recorded as done, so each is told at least once. There are never more
/// than ``limit``: if nobody fetches them, the oldest stay and later ones are left out, which is said once.
///
/// Domain: `losses` is guarded by its mutex, which is held while a notice is written: one at a time, or two could both
/// see the last place free.
final class NoticeBoard: Sendable {
  /// The most notices that lie there.
  static let limit = 1000
  static let components = ["notify", "new"]

  private let state: Directory
  private let log: any Log
  private let losses = Mutex(0)

  init(_ state: Directory, log: any Log) {
    self.state = state
    self.log = log
  }

  /// How many notices lie there; nil if nobody wants any. Blocks.
  var count: Int? { (try? open()).flatMap { try? Self.count(in: $0) } }

  /// Puts a notice there, in place of an older one about the same set. Durable on return. A notice that cannot be put
  /// there is lost, and the log says so: no set waits for it. Blocks.
  func put(_ notice: Notice) {
    losses.withLock { losses in
      guard let problem = store(notice) else { return losses = 0 }
      losses += 1
      if losses == 1 { complain(notice, problem) }
    }
  }

  /// Returns why a notice could not be put there.
  private func store(_ notice: Notice) -> String? {
    do throws(SystemError) {
      guard let folder = try open() else { return nil }
      let name = notice.set.text
      let isThere = try folder.status(name) != nil
      let others = try Self.count(in: folder)
      guard isThere || others < Self.limit else {
        return "\(Self.limit) notices are waiting, and none is delivered"
      }
      try folder.store(Array(notice.text.utf8), as: name, mode: 0o640, replacing: true, for: "notice")
      return nil
    } catch {
      return error.description
    }
  }

  private func open() throws(SystemError) -> Directory? {
    var folder = state
    for name in Self.components {
      do { folder = try folder.openDirectory(name, for: "notice") } catch  where error.isMissing {
        return nil
      }
    }
    return folder
  }

  /// Temporary names, which begin with a dot, are not counted.
  private static func count(in folder: Directory) throws(SystemError) -> Int {
    try folder.entries().count { $0.bytes.first != UInt8(ascii: ".") }
  }

  private func complain(_ notice: Notice, _ reason: String) {
    log.write(
      LogEvent(.noticeLost, "a notice was lost").with("set", notice.set).with("source", notice.set.source)
        .with("reason", reason).with(
          "remedy",
          "see 'systemctl status haplo-importd-notify.path haplo-importd-notify.service'; to disable "
            + "notices, remove \(state.path)/notify"))
  }
}
