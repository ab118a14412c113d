import Synchronization

/// The folders of the spool whose names this process has synced: of each source and area the last one, so that a new day of the
/// archive replaces the day before.
final class DurableFolders: Sendable {
  private let last = Mutex<[ArraySlice<String>: [String]]>([:])

  /// True if the folder that `names` lead to was synced by this process. It may have been removed since.
  func contains(_ names: [String]) -> Bool {
    last.withLock { $0[names.prefix(2)] == names }
  }

  /// Remembers that the names of this folder, and of those that lead to it, are durable.
  func insert(_ names: [String]) {
    last.withLock { $0[names.prefix(2)] = names }
  }
}
