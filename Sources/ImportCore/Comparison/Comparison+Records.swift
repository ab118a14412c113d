/// Comparing the records of a set with those of the last scheduled one.
extension Comparison {
  /// Holds a set whose records are not as the source's guards want them. All that speaks against it is in one reason, so that
  /// a person who retries the set has seen all of it.
  func guarded(
    _ delivery: Delivery, _ manifest: Manifest, _ last: ScheduledSet?
  ) -> DeliveryEvent? {
    guard !delivery.wasHeld(for: .guarded) else { return nil }
    var findings = guards.findings(
      manifest.files.map { GuardedFile($0) }, since: last?.files.map { GuardedFile($0) }, keys: keys
    ) { origins.setting($0, $1, of: source) }
    guard !findings.isEmpty else { return nil }
    if let last { findings.append("compared with set \(last.set), scheduled at \(last.time.rfc3339)") }
    return .held(reason: .guarded(findings, delivery.set, isFirst: last == nil))
  }
}

extension [ConfiguredValue] {
  /// A setting of a source as it is written, and where: `ChangeLimit=20% (FILE:7)`.
  public func setting(_ name: String, _ value: String, of source: SourceName) -> String {
    let origin = first { ExactText($0.key) == ExactText(name) && $0.section == "Source \(source)" }?.origin
    return "\(name)=\(value)" + (origin.map { " (\($0))" } ?? "")
  }
}

extension Reason {
  fileprivate static func guarded(_ findings: [String], _ set: SetID, isFirst: Bool) -> Reason {
    // 'diff' has nothing to compare the first set with.
    let look = isFirst ? "look at the files in files/" : "compare with 'haplo-importd diff \(set)'"
    return Reason(
      findings.joined(separator: "\n"),
      remedy:
        "\(look). If the export is right, run 'haplo-importd retry \(set)'; if it is "
        + "wrong, run 'haplo-importd reject \(set) --reason TEXT'",
      cause: .guarded)
  }
}
