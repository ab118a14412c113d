import Glibc
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Watches that there is room for the work before anything new is taken (`MinFreeSpace=`), and that the spool can be
/// written to. It says so once when something stands in the way, and once when nothing does any more.
///
/// Domain: an actor.
actor RoomKeeper {
  /// What keeps everything new from being taken.
  enum Obstacle: Hashable, Sendable {
    /// Fewer bytes are free than `MinFreeSpace=`.
    case noSpace(path: String, free: Int64, least: Int64)
    /// The file system has hardly any inodes left, and each set needs some.
    case noInodes(path: String, free: Int64)
    /// The spool may not be written to.
    case unwritable(SystemError)

    var isFull: Bool { if case .unwritable = self { false } else { true } }
  }

  /// Fewer free inodes than this count as none: a set takes up to six (its two folders in `work/`, three of the archive's
  /// date, its receipt), and a few sets may be on their way at once.
  static let fewestInodes: Int64 = 64

  private let spool: Directory
  /// Where room is needed: directories of different file systems.
  private let places: [Directory]
  private let settings: CurrentSettings
  private let workers: WorkerPool
  private let time: any Time
  private let log: any Log
  /// What ``hasRoom()`` last found.
  private(set) var obstacle: Obstacle?
  /// Signalled when something comes to stand in the way, or nothing does any more.
  let changes = Latch()

  /// Looks after the file systems of the spool and of the state directory.
  init(
    spool: Directory, state: Directory, settings: CurrentSettings, workers: WorkerPool, time: any Time,
    log: any Log
  ) {
    self.spool = spool
    let devices = [spool, state].map { try? $0.ownStatus().device }
    places = devices[0] != nil && devices[0] == devices[1] ? [spool] : [spool, state]
    self.settings = settings
    self.workers = workers
    self.time = time
    self.log = log
  }

  private static let pause = Duration.seconds(10)

  /// Looks, while something keeps everything new from being taken, whether it is gone, and then calls `freed`. Sleeps without
  /// a tick while nothing does.
  func awaitRoom(freed: @Sendable () async -> Void) async throws {
    while true {
      try Task.checkCancellation()
      let seen = changes.version
      if obstacle == nil {
        await changes.wait(after: seen)
        continue
      }
      try await time.sleep(for: Self.pause)
      if await hasRoom() { await freed() }
    }
  }

  /// True if something new may be taken now.
  func hasRoom() async -> Bool {
    let least = settings.configuration.daemon.minFreeSpace
    let found = await workers.run { [spool, places] in Self.unwritable(spool) ?? Self.shortage(places, least)
    }
    report(found)
    return found == nil
  }

  private static func unwritable(_ spool: Directory) -> Obstacle? {
    for name in ["."] + SpoolArea.allCases.map(\.rawValue) {
      if let refusal = spool.rights.refusalToChange(name) { return .unwritable(refusal) }
    }
    return nil
  }

  /// The first of these directories on whose file system less than `least` bytes, or hardly any inodes, are free; nil if
  /// there is none.
  static func shortage(_ directories: [Directory], _ least: Int64) -> Obstacle? {
    guard least > 0 else { return nil }
    for directory in directories {
      guard let room = try? directory.room() else { continue }
      if room.bytes < least { return .noSpace(path: directory.path, free: room.bytes, least: least) }
      if let inodes = room.inodes, inodes < fewestInodes {
        return .noInodes(path: directory.path, free: inodes)
      }
    }
    return nil
  }

  private func report(_ found: Obstacle?) {
    let last = obstacle
    obstacle = found
    guard last?.kind != found?.kind else { return }
    changes.signal()
    log.write(Self.event(found, after: last))
  }

  private static func event(_ found: Obstacle?, after last: Obstacle?) -> LogEvent {
    switch found {
    case .noSpace(let path, let free, let least):
      LogEvent(.diskFull, "disk full: less than MinFreeSpace= is free, so no sets are claimed")
        .with("path", path)
        .with("free", free).with("least", least).with(
          "remedy", "free space there; intake resumes automatically")
    case .noInodes(let path, let free):
      LogEvent(.diskFull, "disk full: the file system is out of inodes, so no sets are claimed")
        .with("path", path)
        .with("free", free).with("least", fewestInodes)
        .with(
          "remedy",
          "delete files there, or recreate the file system with more inodes; intake resumes automatically")
    case .unwritable(let error):
      LogEvent(.spoolUnwritable, "the spool is not writable, so no sets are claimed")
        .with("reason", error).with("remedy", remedy(error))
    case nil:
      last?.isFull == false
        ? LogEvent(.spoolWritable, "the spool is writable again; sets are claimed")
        : LogEvent(.diskHasRoom, "disk space is available again; sets are claimed")
    }
  }

  fileprivate static func remedy(_ error: SystemError) -> String {
    error.errno == EROFS
      ? "mount its file system read-write (an error of the disk may have made it read-only: journalctl -k -p err), or "
        + "allow the service's sandbox to write there; intake resumes automatically"
      : "make the daemon's user the owner of the spool and of the folders in it; intake resumes automatically"
  }
}

extension RoomKeeper.Obstacle {
  /// Which kind of obstacle, for what is said once.
  fileprivate var kind: Int {
    switch self {
    case .noSpace: 0
    case .noInodes: 1
    case .unwritable: 2
    }
  }

  /// What stands in the way and what to do, in one line.
  var advice: String {
    switch self {
    case .noSpace(let path, let free, let least):
      "disk full on \(path): \(ByteSize.text(free & ~0xFFFFF)) free, \(ByteSize.text(least)) required (MinFreeSpace=). "
        + "Free space there; no sets are claimed until then"
    case .noInodes(let path, let free):
      "disk full on \(path): \(free) inodes free, \(RoomKeeper.fewestInodes) required. Delete files there; "
        + "no sets are claimed until then"
    case .unwritable(let error): "no sets are claimed: \(error); \(RoomKeeper.remedy(error))"
    }
  }

  /// What stands in the way, for the service manager's status line.
  var summary: String {
    switch self {
    case .noSpace: "the disk is full (MinFreeSpace=)"
    case .noInodes: "the disk is out of inodes"
    case .unwritable(let error): error.description
    }
  }
}
