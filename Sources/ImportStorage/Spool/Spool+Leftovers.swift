import ImportCore
import ImportSystem

extension Spool {
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

  /// Removes `.spare/`, in which versions before 0.2 prepared an empty folder for each source. A folder in which somebody
  /// has put something stays.
  public func removeSpareFolders() {
    guard let spare = try? root.openDirectory(".spare"), let names = try? spare.entries() else { return }
    for name in names.compactMap(\.string) { try? spare.removeDirectory(name, for: "start") }
    try? root.removeDirectory(".spare", for: "start")
  }

  /// Removes a set's folder in `work/` of which nothing was taken. Whatever else stands in it stays there: it is none of
  /// ours, and no reason not to go on.
  func removeUntaken(_ set: SetID, own: Directory, in work: Directory) throws(SystemError) {
    try own.discardTemporary(of: Self.fixedControlName, for: "claim")
    try own.removeIfThere(Self.fixedControlName, for: "claim")
    do { try work.removeDirectory(set.text, for: "claim") } catch  where error.isNotEmpty {}
  }

  /// Describes as a claim what stands in `work/` under the name of a set that the journal does not know; nil, and
  /// the folder is removed, if nothing had been taken yet.
  func adoptableClaim(_ set: SetID) throws(SystemError) -> Claim? {
    let work = try folder(.work, for: set)
    let own = try work.openDirectory(set.text)
    guard try own.status(Self.filesName) != nil else {
      try removeUntaken(set, own: own, in: work)
      return nil
    }
    let hasFixedControl = try own.status(Self.fixedControlName) != nil
    return Claim(
      form: .folder, name: set.text, directory: own.path, control: hasFixedControl ? nil : "control.json",
      completed: set.completed, items: [])
  }
}
