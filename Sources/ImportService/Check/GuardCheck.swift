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
  public func check(_ path: String, shown: String, against last: SetReport?) throws(SystemError)
    -> [FileFinding]
  {
    var files: [CheckedFile] = []
    let findings = try check.check(path, shown: shown) { files.append($0) }
    if findings.contains(where: { $0.finding.severity == .error }) || files.isEmpty { return findings }
    return findings
      + (try holds(files, last)).map {
        FileFinding(shown, ValidationFinding(.error, "would be held: \($0)"))
      }
  }

  private func holds(_ files: [CheckedFile], _ last: SetReport?) throws(SystemError) -> [String] {
    let now = files.map { file in
      GuardedFile(
        key: file.key, size: file.size, records: file.result.records.map(Int64.init),
        recordKey: file.result.keys?.field)
    }
    var before: [GuardedFile]?
    var comparisons: [ExactText: RecordKeyComparison] = [:]
    if let last {
      let old = try keys(of: last)
      before = last.files.map { file in
        let key = file.key ?? ""
        return GuardedFile(
          key: key, size: file.size, records: file.records, recordKey: old[ExactText(key)]?.field)
      }
      let new = Dictionary(files.map { (ExactText($0.key), $0.result.keys) }) { first, _ in first }
      for demand in before.map({ source.guards.demands(now, since: $0) }) ?? [] {
        let key = ExactText(demand.key)
        comparisons[key] = old[key].map { compare($0, demand, new[key] ?? nil) }
      }
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

  /// The record keys of a set's files, as far as they were recorded.
  private func keys(of set: SetReport) throws(SystemError) -> [ExactText: RecordKeys] {
    guard source.guards.removalLimit != nil else { return [:] }
    var keys: [ExactText: RecordKeys] = [:]
    for key in source.guards.recordKeys.keys {
      do throws(SystemError) {
        let own = try fileSystem.openDirectory(set.path, for: "compare")
        if case .success(let found) = try RecordKeyFolder.read(for: key.text, in: own) { keys[key] = found }
      } catch  where error.isMissing || error.isNotDirectory {
        continue
      }
    }
    return keys
  }

  private func compare(
    _ old: RecordKeys, _ demand: RecordKeyDemand, _ new: RecordKeys?
  ) -> RecordKeyComparison {
    let count = Int64(old.hashes.count)
    guard demand.isThere else { return .counted(before: count, missing: count) }
    guard let new else { return .failed("those of this set are not known") }
    return .counted(before: count, missing: old.missing(in: new))
  }
}
