import ImportCore
import ImportSystem

/// Watches that there is room for the work before anything new is taken (`MinFreeSpace=`), and says so once when there
/// is none, and once when there is again.
///
/// Domain: an actor.
actor RoomKeeper {
  private let directories: [Directory]
  private let settings: CurrentSettings
  private let workers: WorkerPool
  private let log: any Log
  private var isFull = false

  /// Looks after the file systems of these directories.
  init(_ directories: [Directory], settings: CurrentSettings, workers: WorkerPool, log: any Log) {
    self.directories = directories
    self.settings = settings
    self.workers = workers
    self.log = log
  }

  /// True if something new may be taken now.
  func hasRoom() async -> Bool {
    let least = settings.configuration.daemon.minFreeSpace
    let tight = await workers.run { [directories] () -> Tight? in
      for directory in directories {
        if let free = try? directory.room().bytes, free < least {
          return Tight(path: directory.path, free: free)
        }
      }
      return nil
    }
    report(tight, least)
    return tight == nil
  }

  /// What ``hasRoom()`` last found.
  var isTight: Bool { isFull }

  private struct Tight: Sendable {
    var path: String
    var free: Int64
  }

  private func report(_ tight: Tight?, _ least: Int64) {
    guard isFull != (tight != nil) else { return }
    isFull = tight != nil
    if let tight {
      log.write(
        LogEvent(.diskFull, "nothing new is taken: less than MinFreeSpace= is free").with("path", tight.path)
          .with("free", tight.free).with("least", least).with(
            "remedy", "make room there; it goes on by itself"))
    } else {
      log.write(LogEvent(.diskHasRoom, "there is room again, and sets are taken"))
    }
  }
}
