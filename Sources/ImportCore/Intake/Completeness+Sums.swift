extension Completeness {
  /// What a set's `SHA256SUMS` promises.
  struct Sums {
    var entries: [ChecksumList.Entry] = []
    /// True if it has a digest for every data file, so that a match proves the set complete without any wait.
    var coversAll = false
  }

  /// Reads the set's list of digests; a set without one promises nothing.
  func sums(members: [String], files: [MappedFile], control: ControlFile) -> Result<Sums, Stop> {
    guard let entry = index[DropName.sums] else { return .success(Sums()) }
    guard let seen = evidence.sums, seen.identity == entry.status.identity else {
      return .failure(Stop(verdict: .needs(.sums)))
    }
    switch seen.value {
    case .unreadable(let obstacle):
      return .failure(Stop(verdict: .waiting(.init(findings: [obstacle.finding(prefix + DropName.sums)]))))
    case .read(let list):
      return list.findings.isEmpty ? promises(of: list, files, control) : refuseList(list, members)
    }
  }

  private func refuseList(_ list: ChecksumList, _ members: [String]) -> Result<Sums, Stop> {
    let findings = list.findings.map { IntakeFinding(prefix + DropName.sums, $0) }
    return .failure(
      Stop(verdict: refuse(mismatch(findings), findings: findings, members: members)))
  }

  private func promises(of list: ChecksumList, _ files: [MappedFile], _ control: ControlFile)
    -> Result<Sums, Stop>
  {
    let missing = list.entries.filter { index[$0.name]?.status.kind != .regular }.map {
      IntakeFinding(prefix + $0.name, "\(DropName.sums) lists it in line \($0.line), but it is missing")
    }
    let listed = Set(list.entries.map { ExactText($0.name) })
    let unlisted = files.filter { !listed.contains(ExactText($0.file)) }
    // With DEFAULT and no marker, the list alone says which files make the set.
    let isAlone = control.hasDefault && rules.markerFile == nil
    let unnamed =
      !isAlone
      ? []
      : unlisted.map {
        IntakeFinding(prefix + $0.file, "\(DropName.sums) does not list it", remedy: "list it, or remove it")
      }
    guard missing.isEmpty, unnamed.isEmpty else {
      return .failure(Stop(verdict: .waiting(.init(findings: missing + unnamed))))
    }
    return .success(Sums(entries: list.entries, coversAll: unlisted.isEmpty))
  }

  /// Compares the digests of all listed files; a list that is quiet and not true refuses the set.
  func compare(_ sums: Sums, members: [String]) -> Result<[ExactText: SHA256Digest], Stop> {
    let unknown = sums.entries.map(\.name).filter { digest(of: $0) == nil }
    guard unknown.isEmpty else { return .failure(Stop(verdict: .needs(.digests(unknown)))) }
    var findings: [IntakeFinding] = []
    var digests: [ExactText: SHA256Digest] = [:]
    for entry in sums.entries {
      switch digest(of: entry.name) {
      case .read(let digest) where digest == entry.digest: digests[ExactText(entry.name)] = digest
      case .unreadable(let obstacle): findings.append(obstacle.finding(prefix + entry.name))
      default:
        findings.append(
          IntakeFinding(
            prefix + entry.name,
            "its SHA-256 is not the one in \(DropName.sums), line \(entry.line)", isFinal: true))
      }
    }
    guard !findings.isEmpty else { return .success(digests) }
    return .failure(
      Stop(verdict: refuse(mismatch(findings), findings: findings, members: members)))
  }

  private func digest(of name: String) -> Content<SHA256Digest>? {
    guard let seen = evidence.digests[ExactText(name)], seen.identity == index[name]?.status.identity else {
      return nil
    }
    return seen.value
  }

  private func mismatch(_ findings: [IntakeFinding]) -> Reason {
    let lines = findings.prefix(10).map(\.line).joined(separator: "; ")
    return Reason(
      "\(DropName.sums) does not match: \(lines)",
      remedy: "find out where the files were damaged, and drop the set again with a true \(DropName.sums)")
  }
}
