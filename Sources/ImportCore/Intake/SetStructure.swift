/// What a listing shows of a set, whatever is in its files.
struct SetStructure {
  let subject: SetSnapshot
  let rules: IntakeRules

  private var index: DropIndex { subject.index }

  /// What is wrong with the set: its marker, its kinds of files, their links.
  func findings(_ members: [String]) -> [IntakeFinding] {
    let marker = rules.markerFile.flatMap { index[$0] == nil ? [missingMarker($0)] : nil } ?? []
    return marker + (subject.isFolder ? folderFindings() : flatFindings(members))
  }

  private func missingMarker(_ name: String) -> IntakeFinding {
    IntakeFinding(
      subject.prefix + name, "the marker '\(name)' is missing: the exporter has not said that it is done")
  }

  private func flatFindings(_ members: [String]) -> [IntakeFinding] {
    members.compactMap { name in index[name].flatMap { problem(of: name, $0.status) } }
  }

  private func folderFindings() -> [IntakeFinding] {
    let own = subject.moveObstacle.map { [$0.finding(subject.name)] } ?? []
    let obstacles = own + index.obstacles.sorted { $0.key < $1.key }.map { $1.finding(subject.prefix + $0) }
    let entries = index.entries.sorted { $0.key < $1.key }
    return obstacles + entries.compactMap { problemInFolder($0.key.text, $0.value.status) }
  }

  private func problemInFolder(_ path: String, _ status: EntryStatus) -> IntakeFinding? {
    if DropName.isTemporary(DropName.last(of: path)) {
      return IntakeFinding(
        subject.prefix + path, "a temporary name inside: something is still being written",
        remedy: "the program that writes it should rename or remove it when it is done")
    }
    return status.kind == .directory ? nil : problem(of: path, status)
  }

  /// What is wrong with one file, by its kind and its links.
  func problem(of name: String, _ status: EntryStatus) -> IntakeFinding? {
    func finding(_ text: String, _ remedy: String) -> IntakeFinding {
      IntakeFinding(subject.prefix + name, text, remedy: remedy, isFinal: true)
    }
    switch status.kind {
    case .directory: return finding("it is a directory, not a regular file", "put a file in its place")
    case .special(let kind):
      return finding("it is a \(kind), not a regular file", "put a copy of the file in its place")
    case .regular:
      guard status.links > 1 else { return nil }
      return finding(
        "it has \(status.links) hard links, so that it could be changed by another name",
        "put a copy of the file in its place")
    }
  }
}
