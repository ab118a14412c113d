public import ImportCore
public import ImportSystem

/// What a spool shows by itself, to be compared with its journal: its name, the sets in `work/`, and the newest receipts.
extension Spool {
  private static let instanceName = "instance"

  /// The name that this spool carries, which its journal carries as well; nil if it has none yet. A file that says something
  /// else is a name too, which no journal has.
  func instance() throws(SystemError) -> String? {
    do {
      let bytes = try root.readFile(Self.instanceName, atMost: 1024)
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    } catch  where error.isMissing {
      return nil
    }
  }

  /// Names the spool. Durable on return.
  func setInstance(_ instance: String) throws(SystemError) {
    try root.store(
      Array("\(instance)\n".utf8), as: Self.instanceName, mode: 0o640, replacing: true, for: "instance")
  }

  /// The sets in `work/` of which the journal knows nothing, as claims.
  func claimsAtWork(unknownTo state: JournalState) throws(SystemError) -> [(set: SetID, claim: Claim)] {
    var claims: [(set: SetID, claim: Claim)] = []
    for set in try setsAtWork() where state.deliveries[set] == nil {
      if let claim = try adoptableClaim(set) { claims.append((set, claim)) }
    }
    return claims
  }

  /// The sets in `work/` that the journal has in `held/` or `rejected/`, where they are not.
  func setsBackAtWork(unknownTo state: JournalState) throws(SystemError) -> [(
    set: SetID, place: Delivery.Place
  )] {
    var sets: [(set: SetID, place: Delivery.Place)] = []
    for set in try setsAtWork() {
      guard let place = state.deliveries[set]?.filedPlace, try !hasFolder(of: set, in: place.area) else {
        continue
      }
      sets.append((set, place))
    }
    return sets
  }

  /// Lists the sets that stand in `work/`, by the names of their folders. Anything else there is none of ours and is
  /// left alone.
  func setsAtWork() throws(SystemError) -> [SetID] {
    let work = try root.openDirectory(SpoolArea.work.rawValue)
    var sets: [SetID] = []
    for source in try work.entries().compactMap(\.string) {
      guard try work.status(source)?.kind == .directory else { continue }
      let names = try work.openDirectory(source).entries().compactMap(\.string)
      sets += names.compactMap { SetID($0) }.filter { $0.source.text == source }
    }
    return sets.sorted()
  }

  /// Describes as a claim what stands in `work/` under the name of a set that the journal does not know; nil, and
  /// the folder is removed, if nothing had been taken yet.
  func adoptableClaim(_ set: SetID) throws(SystemError) -> Claim? {
    let work = try folder(.work, for: set)
    let own = try work.openDirectory(set.text)
    try own.discardCopy()
    guard try hasTaken(own) else {
      try forget(set, own: own, in: work)
      return nil
    }
    let hasFixedControl = try own.status(Self.fixedControlName) != nil
    return Claim(
      form: .folder, name: set.text, directory: own.path, control: hasFixedControl ? nil : "control.json",
      completed: set.completed, items: [])
  }

  /// True if the set's folder has files that were taken from a drop directory. A `files` that cannot be listed has some: it is
  /// the exporter's own folder.
  private func hasTaken(_ own: Directory) throws(SystemError) -> Bool {
    guard try own.status(Self.filesName) != nil else { return false }
    guard let files = try? own.openDirectory(Self.filesName), let names = try? files.entries() else {
      return true
    }
    guard names.allSatisfy({ $0.string == Directory.copyName }) else { return true }
    try files.discardCopy()
    return false
  }

  /// What the newest receipts of each source say, and those of its newest day whose sets the journal has. Reads a few
  /// receipts only.
  func newestReceipts(_ state: JournalState) throws -> [ScheduledReceipt] {
    let walk = ArchiveWalk(spool: root.path, fileSystem: root.fileSystem)
    var receipts: [ScheduledReceipt] = []
    let sources = try root.openDirectory(SpoolArea.archive.rawValue).directories().compactMap {
      SourceName($0)
    }
    for source in sources {
      var (day, visited): (String?, Int) = (nil, 0)
      try walk.visit(of: [source], .newestFirst) { place in
        if let day, place.day != day { return false }
        (day, visited) = (place.day, visited + 1)
        guard visited <= Self.receiptsRead || state.deliveries[place.set] != nil else { return true }
        if let receipt = try? walk.receipt(place), receipt.batch != nil, let scheduled = receipt.scheduled {
          receipts.append(ScheduledReceipt(set: place.set, scheduled: scheduled))
        }
        return true
      }
    }
    return receipts
  }

  /// Sets are scheduled in about the order of their ids: one of the last has the latest time.
  private static let receiptsRead = 8
}

extension FileStatus {
  /// True if this is the file that was judged, as far as a rename leaves it: the ctime is not compared.
  func isCore(_ identity: ImportCore.FileIdentity) -> Bool {
    ImportCore.FileIdentity(self).isSameBeforeRename(as: identity)
  }

  /// True if this, found under the same path, is the folder that was judged, whatever was done to it meanwhile. The
  /// device number is not compared: it can be another one after the machine has been started again.
  public func isSameFile(as identity: ImportCore.FileIdentity) -> Bool { inode == identity.inode }

  /// True if both are the same file with the same size and modification time. The change time is not compared: a rename
  /// changes it.
  func isSameContent(as other: FileStatus) -> Bool {
    isSameFile(as: other) && size == other.size && modificationTime == other.modificationTime
  }
}

extension ImportCore.FileIdentity {
  public init(_ status: FileStatus) {
    self.init(
      device: status.device, inode: status.inode, size: status.size, modified: status.modificationTime,
      changed: status.changeTime)
  }
}
