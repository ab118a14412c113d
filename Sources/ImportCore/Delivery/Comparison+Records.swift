/// Comparing the records of a set with those of the last scheduled one.
extension Comparison {
  /// Holds a set whose records are not as the source's guards want them. All that speaks against it is in one reason, so that
  /// a person who retries the set has seen all of it.
  func guarded(
    _ delivery: Delivery, _ manifest: Manifest, _ last: ScheduledSet?
  ) -> DeliveryEvent? {
    guard !delivery.wasHeld(for: .guarded) else { return nil }
    var findings = tooFew(manifest)
    if let last {
      findings += changed(manifest, last) + removed(manifest, last)
      if guards.firstSet == .hold { findings += incomparable(last) }
    } else if guards.firstSet == .hold {
      findings.append("it is the first set of the source: \(setting("FirstSet", "hold"))")
    }
    guard !findings.isEmpty else { return nil }
    if let last { findings.append("compared with set \(last.set), scheduled at \(last.time.rfc3339)") }
    return .held(reason: .guarded(findings, delivery.set))
  }

  /// Files with fewer records than `MinRecords=` wants. A file that is missing has none.
  private func tooFew(_ manifest: Manifest) -> [String] {
    let known = Set(manifest.files.map { ExactText($0.key) })
    let named = guards.minRecordsByKey.keys.filter { !known.contains($0) }.sorted()
    let files = manifest.files.map { ($0.key, $0.content.records, false) } + named.map { ($0.text, 0, true) }
    return files.compactMap { key, records, isMissing in
      guard let (least, name) = guards.least(of: key), records ?? 0 < least else { return nil }
      let limit = setting(name, String(least))
      if isMissing { return "file '\(key)' is missing: \(limit)" }
      guard let records else { return "the records of file '\(key)' were not counted: \(limit)" }
      return "file '\(key)' has \(Self.count(records)), fewer than \(least): \(limit)"
    }
  }

  /// Files whose number of records differs too much. One that is missing has none; one that is new has nothing to differ from.
  private func changed(_ manifest: Manifest, _ last: ScheduledSet) -> [String] {
    guard let changeLimit = guards.changeLimit else { return [] }
    let limit = setting("ChangeLimit", changeLimit.description)
    let files = Dictionary(manifest.files.map { (ExactText($0.key), $0.content) }) { first, _ in first }
    return last.files.compactMap { old in
      guard let before = old.records else { return nil }
      guard let file = files[ExactText(old.key)] else {
        guard changeLimit.isExceeded(from: before, to: 0) else { return nil }
        return "file '\(old.key)' is missing; it had \(Self.count(before)): \(limit)"
      }
      guard let now = file.records else {
        return "the records of file '\(old.key)' were not counted; it had \(Self.count(before)): \(limit)"
      }
      guard changeLimit.isExceeded(from: before, to: now) else { return nil }
      let share = before == 0 ? "" : "\(Share.text(max(before, now) - min(before, now), of: before)) "
      return "file '\(old.key)' has \(Self.count(now)), \(share)\(now < before ? "fewer" : "more") than "
        + "the \(before) it had: \(limit)"
    }
  }

  /// Files in which too many record keys of the last set are missing.
  private func removed(_ manifest: Manifest, _ last: ScheduledSet) -> [String] {
    guard let removalLimit = guards.removalLimit else { return [] }
    let limit = setting("RemovalLimit", removalLimit.description)
    return last.files.compactMap { old in
      guard let comparison = keys[ExactText(old.key)] else { return nil }
      switch comparison {
      case .failed(let reason):
        return "the record keys of file '\(old.key)' cannot be compared: \(reason): \(limit)"
      case .counted(let before, let missing):
        guard removalLimit.isExceeded(missing: missing, of: before) else { return nil }
        let now = manifest.files.first { ExactText($0.key) == ExactText(old.key) }?.content.records
        let counts =
          now.map { "; it has \(Self.count($0)), and had \(old.records ?? before)" }
          ?? "; the file is missing"
        return "file '\(old.key)' lacks \(missing) of the \(before) record keys it had "
          + "(\(Share.text(missing, of: before)))\(counts): \(limit)"
      }
    }
  }

  /// What the last set does not have so that it could be compared with: it was sent before the guard was set.
  private func incomparable(_ last: ScheduledSet) -> [String] {
    last.files.compactMap { old in
      if guards.changeLimit != nil, old.records == nil {
        return
          "the records of file '\(old.key)' in the last set were not counted: \(setting("FirstSet", "hold"))"
      }
      guard guards.removalLimit != nil, let field = guards.recordKeys[ExactText(old.key)],
        old.recordKey.map(ExactText.init) != ExactText(field)
      else { return nil }
      return "the record keys '\(field)' of file '\(old.key)' in the last set were not recorded: "
        + setting("FirstSet", "hold")
    }
  }

  /// A setting as it is written, and where.
  private func setting(_ name: String, _ value: String) -> String {
    let origin = origins.first { $0.key == name && $0.section == "Source \(source)" }?.origin
    return "\(name)=\(value)" + (origin.map { " (\($0))" } ?? "")
  }

  private static func count(_ records: Int64) -> String { "\(records) record\(records == 1 ? "" : "s")" }
}

extension Reason {
  fileprivate static func guarded(_ findings: [String], _ set: SetID) -> Reason {
    Reason(
      findings.joined(separator: "\n"),
      remedy:
        "compare with 'haplo-importd diff \(set)'. If the export is right, 'haplo-importd retry \(set)' sends it as it "
        + "is; if not, 'haplo-importd reject \(set) --reason TEXT' gives it up",
      cause: .guarded)
  }
}
