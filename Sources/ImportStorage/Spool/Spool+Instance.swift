import ImportCore
import ImportSystem

/// What ties a spool to its journal.
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
