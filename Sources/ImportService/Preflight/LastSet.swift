import ImportCore

/// The set with which another one is compared before it is dropped.
public struct LastSet: Sendable {
  let set: SetID
  /// Its folder; nil if that is gone.
  let folder: String?
  /// True if `known` is the history of the source, by which the daemon compares, and false if it is a receipt, which does
  /// not say whether record keys were recorded.
  let isRemembered: Bool
  private let known: [GuardedFile]

  /// Takes a set as `show` describes it.
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
