/// All that is known of the entries of one directory, kept in memory so that an event about one name costs the
/// same among ten files as among a hundred thousand: names are found by name, by stem, and by the source's globs.
public struct DropIndex: Sendable {
  /// One entry as it was last seen.
  public struct Entry: Hashable, Sendable {
    /// What was seen.
    public var status: EntryStatus
    /// The first time at which exactly this was seen: nothing has changed since then, by observation.
    public var unchangedSince: MonotonicInstant
    /// The change time (ctime) that counts for the order of arrival: the one before the daemon granted itself access.
    public var arrived: Int64

    init(_ status: EntryStatus, at now: MonotonicInstant) {
      self.status = status
      unchangedSince = now
      arrived = status.identity.changed
    }
  }

  /// Entries by name; what lies in a folder of the directory has a path, as `folder/file`.
  public private(set) var entries: [ExactText: Entry] = [:]
  /// Names that cannot be part of any set, and entries that cannot be used, written for people, and why not.
  public private(set) var obstacles: [String: EntryObstacle] = [:]
  /// The directory itself, where it is part of a set.
  public private(set) var own: Entry?
  /// The last time at which anything was seen to have changed, or to be gone.
  public private(set) var lastChange: MonotonicInstant?

  private var stems: [ExactText: Set<ExactText>] = [:]
  private var globMatches: [Glob: Set<ExactText>] = [:]
  private let globs: [Glob]

  /// Begins with nothing seen; `rules` say which globs are to be kept.
  public init(rules: IntakeRules) {
    globs = Set(rules.fileRules.values).filter { !$0.isLiteral }
  }

  /// What is known of one name.
  public subscript(name: String) -> Entry? { entries[ExactText(name)] }

  /// Takes in what one name was seen to be at `now`; nil if there is no such entry. Returns true if that is new. Litter is no
  /// entry.
  @discardableResult
  public mutating func observe(_ name: String, _ status: EntryStatus?, at now: MonotonicInstant) -> Bool {
    let key = ExactText(name)
    guard entries[key]?.status != status, !Litter.contains(path: name) else { return false }
    lastChange = now
    guard let status else {
      entries[key] = nil
      forget(key)
      return true
    }
    entries[key] = Entry(status, at: now)
    if status.kind == .directory { forget(key) } else { remember(key) }
    return true
  }

  /// Takes in what the directory itself was seen to be.
  public mutating func observeOwn(_ status: EntryStatus, at now: MonotonicInstant) {
    guard own?.status != status else { return }
    lastChange = now
    own = Entry(status, at: now)
  }

  /// Takes in that the daemon has granted itself access to an entry, or for nil to the directory itself. Times that count stay
  /// as they were, unless somebody else changed the entry as well.
  public mutating func observeGrant(
    _ name: String?, _ before: EntryStatus, _ after: EntryStatus, at now: MonotonicInstant
  ) {
    if let name { observe(name, before, at: now) } else { observeOwn(before, at: now) }
    if let name { entries[ExactText(name)]?.status = after } else { own?.status = after }
  }

  /// Takes in why a name or an entry cannot be used; nil if it is gone, or can be.
  public mutating func observe(obstacle: EntryObstacle?, to shown: String, at now: MonotonicInstant) {
    guard obstacles[shown] != obstacle else { return }
    lastChange = now
    obstacles[shown] = obstacle
  }

  /// Takes in a whole listing: what is not in it is gone. Returns the names that are new, changed or gone.
  @discardableResult
  public mutating func observe(
    listing: [(name: String, status: EntryStatus)], obstacles found: [String: EntryObstacle],
    at now: MonotonicInstant
  ) -> [String] {
    let listed = Set(listing.map { ExactText($0.name) })
    let gone = entries.keys.filter { !listed.contains($0) }.map(\.text)
    for name in gone { observe(name, nil, at: now) }
    for shown in Set(obstacles.keys).union(found.keys) {
      observe(obstacle: found[shown], to: shown, at: now)
    }
    return gone + listing.filter { observe($0.name, $0.status, at: now) }.map(\.name)
  }

  /// Names with one more extension than `stem`, in their order.
  func names(withStem stem: String) -> [String] { (stems[ExactText(stem)] ?? []).sorted().map(\.text) }

  /// Names that match a glob of the rules, in their order.
  func names(matching glob: Glob) -> [String] { (globMatches[glob] ?? []).sorted().map(\.text) }

  private mutating func remember(_ key: ExactText) {
    guard !key.text.utf8.contains(UInt8(ascii: "/")) else { return }
    if let stem = DropName.stem(key.text) { stems[ExactText(stem), default: []].insert(key) }
    for glob in globs where glob.matches(key.text) { globMatches[glob, default: []].insert(key) }
  }

  private mutating func forget(_ key: ExactText) {
    if let stem = DropName.stem(key.text).map(ExactText.init) {
      stems[stem]?.remove(key)
      if stems[stem]?.isEmpty == true { stems[stem] = nil }
    }
    for glob in globs { globMatches[glob]?.remove(key) }
  }
}
