public import ImportCore
public import ImportSystem

/// Examines a set before it is dropped as ``SetCheck`` does, and then by the guards of its source: what the daemon would hold it for.
public struct GuardCheck: Sendable {
  private let check: SetCheck
  private let source: SourceSettings
  private let origins: [ConfiguredValue]
  private let fileSystem: FileSystem

  /// Takes what is examined, and the source with the guards and where they are written.
  public init(_ check: SetCheck, _ source: SourceSettings, origins: [ConfiguredValue], fileSystem: FileSystem)
  {
    self.check = check
    self.source = source
    self.origins = origins
    self.fileSystem = fileSystem
  }

  /// Examines what is at `path`, and compares it with `last`; nil if the source has no set to compare with. What the set would be
  /// held for is an error. Throws as ``SetCheck`` does.
  public func check(_ path: String, shown: String, against last: LastSet?) throws(SystemError)
    -> [FileFinding]
  {
    var files: [CheckedFile] = []
    let findings = try check.check(path, shown: shown) { files.append($0) }
    if findings.contains(where: { $0.finding.severity == .error }) || files.isEmpty { return findings }
    return findings
      + (try holds(files, last)).map { FileFinding(shown, ValidationFinding(.error, "would be held: \($0)")) }
  }

  private func holds(_ files: [CheckedFile], _ last: LastSet?) throws(SystemError) -> [String] {
    let now = files.map { file in
      GuardedFile(
        key: file.key, size: file.size, records: file.result.records.map(Int64.init),
        recordKey: file.result.keys?.field)
    }
    var before: [GuardedFile]?
    var comparisons: [ExactText: RecordKeyComparison] = [:]
    if let last {
      let old = try keys(of: last)
      let lastFiles = last.files(withKeys: old.keys, source.guards)
      let new = Dictionary(files.map { (ExactText($0.key), $0.result.keys) }) { first, _ in first }
      for demand in source.guards.demands(now, since: lastFiles) {
        let key = ExactText(demand.key)
        comparisons[key] = Self.compare(
          old[key] ?? .lost("they are not there any more"), demand, new[key] ?? nil, last)
      }
      before = lastFiles
    }
    let shrunk = source.shrinkLimit.flatMap { limit in
      before.map { before in
        limit.findings(now, since: before).map {
          "\($0): \(origins.setting("ShrinkLimit", limit.description, of: source.name))"
        }
      }
    }
    return (shrunk ?? [])
      + source.guards.findings(now, since: before, keys: comparisons) {
        origins.setting($0, $1, of: source.name)
      }
  }

  /// What a set's folder has of the record keys of one file.
  private enum StoredKeys {
    case known(RecordKeys)
    /// They were recorded and cannot be read any more, for this reason.
    case lost(String)
  }

  /// Reads the record keys of a set's files. Files whose keys were not recorded, as far as the folder tells, have no entry.
  private func keys(of last: LastSet) throws(SystemError) -> [ExactText: StoredKeys] {
    guard source.guards.removalLimit != nil else { return [:] }
    var keys: [ExactText: StoredKeys] = [:]
    for (key, field) in source.guards.recordKeys {
      guard let folder = last.folder else {
        keys[key] = .lost("its folder is not there any more (ArchiveKeepSec=)")
        continue
      }
      do throws(SystemError) {
        let own = try fileSystem.openDirectory(folder, for: "compare")
        switch try RecordKeyFolder.read(for: key.text, in: own) {
        case .success(let found) where ExactText(found.field) == ExactText(field): keys[key] = .known(found)
        case .success(let found) where last.isRemembered:
          keys[key] = .lost("they are of the field '\(found.field)'")
        case .success: continue
        case .failure(let failure): keys[key] = .lost(failure.description)
        }
      } catch  where error.isMissing || error.isNotDirectory {
        continue
      }
    }
    return keys
  }

  private static func compare(
    _ old: StoredKeys, _ demand: RecordKeyDemand, _ new: RecordKeys?, _ last: LastSet
  ) -> RecordKeyComparison {
    switch old {
    case .lost(let reason): return .failed("those of set \(last.set): \(reason)")
    case .known(let keys):
      let count = Int64(keys.hashes.count)
      guard demand.isThere else { return .counted(before: count, missing: count) }
      guard let new else { return .failed("those of this set are not known") }
      return .counted(before: count, missing: keys.missing(in: new))
    }
  }
}

/// The set with which another one is compared before it is dropped.
public struct LastSet: Sendable {
  let set: SetID
  /// Its folder; nil if that is gone.
  let folder: String?
  /// True if `known` is the history of the source, by which the daemon compares, and false if it is a receipt, which does
  /// not say whether record keys were recorded.
  let isRemembered: Bool
  private let known: [GuardedFile]

  public init(_ set: SetReport) {
    self.set = set.set
    (folder, isRemembered) = (set.path, false)
    known = set.files.map {
      GuardedFile(key: $0.key ?? "", size: $0.size, records: $0.records, recordKey: nil)
    }
  }

  /// Takes the last set of a source; nil if there is none.
  public init?(_ last: ShownSet) {
    guard let remembered = last.remembered else { return nil }
    set = remembered.set
    (folder, isRemembered) = (last.set?.path, true)
    known = remembered.files.map { GuardedFile($0) }
  }

  /// Its data files. `stored` are the keys of those whose record keys its folder has.
  func files(withKeys stored: some Collection<ExactText>, _ guards: RecordGuards) -> [GuardedFile] {
    guard !isRemembered else { return known }
    return known.map { file in
      var file = file
      if stored.contains(ExactText(file.key)) { file.recordKey = guards.recordKeys[ExactText(file.key)] }
      return file
    }
  }
}
