public import ImportCore
import ImportStorage
import ImportSystem

extension SpoolReports {
  /// How many ids are named where a prefix is ambiguous.
  static let candidateLimit = 6
  /// How many archived sets of a source are examined for a path that was dropped.
  private static let pickedLimit = 1000

  /// The sets whose ids begin with `prefix`, in the order of their ids, at most ``candidateLimit``. An id in full finds that
  /// set only. A prefix with a date costs the listing of that day's folders.
  func candidates(_ prefix: String) throws(Failure) -> [SetID] {
    try Self.reading {
      if let set = SetID(prefix) {
        let isThere = try journal.delivery(set) != nil || walk.open(place(of: set)) != nil
        return isThere ? [set] : []
      }
      let unfinished = journal.deliveries { $0.set.text.hasPrefix(prefix) }.map(\.set)
      let filed = try walk.ids(beginningWith: prefix, atMost: Self.candidateLimit)
      return Array(Set(unfinished).union(filed).sorted().prefix(Self.candidateLimit))
    }
  }

  /// Describes one set; nil if it is not there. A set that was archived while this was read is in the journal and in the
  /// archive: the archive is right.
  func report(of set: SetID) throws(Failure) -> SetReport? {
    try Self.reading {
      if let filed = try archived(place(of: set)) { return filed }
      return journal.delivery(set).map(report)
    }
  }

  /// The newest set that was picked up under this name of the drop directory, among the unfinished ones and the last
  /// archived ones of its source.
  public func picked(_ name: String, from source: SourceName) throws(Failure) -> SetReport? {
    func isMeant(_ set: SetReport) -> Bool {
      ExactText(set.name) == ExactText(name)
        || set.form == .flat && set.files.map(\.file).containsExactly(name)
    }
    return try Self.reading {
      let unfinished = journal.deliveries { $0.source == source }.map(report).filter(isMeant)
      var newest = unfinished.max { $0.set < $1.set }
      var count = 0
      try walk.visit(of: [source], .newestFirst) { place in
        count += 1
        guard count <= Self.pickedLimit, newest.map({ $0.set < place.set }) ?? true else { return false }
        guard let filed = try archived(place), isMeant(filed) else { return true }
        newest = filed
        return false
      }
      return newest
    }
  }

  /// True if the folder at which a set's files should be is gone. A set that is being moved just now is not asked about.
  func isFolderGone(_ set: SetReport) -> Bool {
    do {
      _ = try fileSystem.openDirectory(set.path)
      return false
    } catch {
      return error.isMissing
    }
  }

  /// Sets that are held, rejected or await approval, whose folder is not there, in the order of their ids. A set that moves
  /// while this looks is left out.
  public func setsWithoutFolder() -> [SetWithoutFolder] {
    let waiting = journal.deliveries(\.hasRestingFolder)
    var listed: [String: Set<String>?] = [:]
    let missing = waiting.filter { delivery in
      let path = report(delivery).path
      let parent = String(path.dropLast(delivery.set.text.utf8.count + 1))
      if listed[parent] == nil { listed[parent] = names(in: parent) }
      return listed[parent].flatMap { $0 }.map { !$0.contains(delivery.set.text) } ?? false
    }
    return missing.filter { journal.delivery($0.set)?.stage == $0.stage }
      .map { SetWithoutFolder(set: $0.set, awaitsApproval: $0.filedPlace == nil) }
      .sorted { $0.set < $1.set }
  }

  /// Names in a directory, none if it is not there; nil if it cannot be read.
  private func names(in path: String) -> Set<String>? {
    do {
      return Set(try fileSystem.openDirectory(path).entries().compactMap(\.string))
    } catch {
      return error.isMissing ? [] : nil
    }
  }

  private func place(of set: SetID) -> ArchivedPlace {
    let path = Spool.path(in: configuration.daemon.spoolDirectory, .archive, of: set)
    return ArchivedPlace(set: set, day: String(path.dropLast(set.text.utf8.count + 1)))
  }

  /// Reads, with failures of the one kind that reports have.
  static func reading<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do {
      return try body()
    } catch let failure as Failure {
      throw failure
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      preconditionFailure("only typed errors come from here: \(error)")
    }
  }
}

extension Delivery {
  /// True while the set's folder stays where it is until a person decides.
  fileprivate var hasRestingFolder: Bool {
    switch stage {
    case .held(_, filed: true), .rejected(_, filed: true), .awaitingApproval: true
    default: false
    }
  }
}

/// A set whose folder was removed by somebody else.
public struct SetWithoutFolder: Sendable {
  var set: SetID
  /// True if it awaits approval, false if it is held or rejected.
  var awaitsApproval: Bool
}

extension StatusReport {
  /// Adds the sets whose folder is gone to their sources.
  public mutating func add(folderGone sets: [SetWithoutFolder]) {
    for missing in sets {
      guard let index = sources.firstIndex(where: { $0.source == missing.set.source.text }) else { continue }
      sources[index].folderGoneCount += 1
      guard sources[index].folderGone.count < 1000 else { continue }
      sources[index].folderGone.append(missing.set.text)
      if missing.awaitsApproval { sources[index].folderGoneForApproval.append(missing.set.text) }
    }
  }
}
