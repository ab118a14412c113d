import ImportCore
import Testing

/// The sets of one source, each brought as far as its turn, with the history that the journal keeps, and what each is
/// compared with.
struct ComparedSource {
  var state = JournalState()
  var settings = SourceSettings(name: Invented.source, directory: "/srv/drop/hr")
  var server = Invented.server
  /// Where settings are written, and what came of comparing record keys.
  var origins: [ConfiguredValue] = []
  var keys: [ExactText: RecordKeyComparison] = [:]
  /// The daemon is started anew after so many records; nil: it runs through.
  var restart: Int?
  private var number = 0

  init(_ onDuplicate: OnDuplicate = .import, shrink: Int? = nil, mode: SourceMode = .import) {
    settings.onDuplicate = onDuplicate
    settings.shrinkLimit = shrink.flatMap { ShrinkLimit(percent: $0) }
    settings.mode = mode
  }

  mutating func record(_ event: DeliveryEvent, _ set: SetID) throws {
    let record = JournalRecord(
      sequence: state.sequence + 1, synced: 0, time: Invented.start, entry: .event(event, set: set))
    try state.apply(record)
    if state.sequence == restart.map(Int64.init) { try startAnew() }
  }

  /// Reads the journal as a start does that makes it anew.
  private mutating func startAnew() throws {
    var read = JournalState()
    for entry in state.snapshot {
      try read.apply(
        JournalRecord(sequence: read.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    #expect(read.deliveries == state.deliveries && read.histories == state.histories)
    state = read
    restart = nil
  }

  /// Takes a set with these files, and uploads it.
  mutating func upload(_ manifest: Manifest) throws -> SetID {
    number += 1
    let digits = String(number, radix: 8).map { SetID.tailAlphabet[Int(String($0))!] }
    let tail = String(repeating: "2", count: 8 - digits.count) + String(decoding: digits, as: UTF8.self)
    let set = try #require(SetID("20261124T070512Z-hr-\(tail)"))
    try record(.claimBegun(claim: Invented.claim()), set)
    try prepare(set, manifest)
    return set
  }

  mutating func prepare(_ set: SetID, _ manifest: Manifest) throws {
    let begin = state.deliveries[set]?.stage == .claiming ? [DeliveryEvent.claimed] : []
    let batch = DeliveryEvent.batchCreated(batch: Invented.batch, server: server)
    let uploads = manifest.files.map { DeliveryEvent.fileUploaded(key: $0.key) }
    for event in begin + [.inspected(manifest: manifest), batch] + uploads { try record(event, set) }
  }

  /// What the comparison says of a set whose turn has come.
  func objection(to set: SetID) throws -> DeliveryEvent? {
    let delivery = try #require(state.deliveries[set])
    var comparison = Comparison(settings, server: server, origins: origins)
    comparison.keys = keys
    return comparison.objection(
      to: delivery, intending: delivery.intent(mode: settings.mode),
      state.histories[Invented.source] ?? SourceHistory())
  }

  mutating func schedule(_ set: SetID) throws {
    let delivery = try #require(state.deliveries[set])
    try record(delivery.intent(mode: settings.mode), set)
    try record(.scheduled(repeated: false), set)
  }

  /// Uploads a set and does with it what the comparison says.
  mutating func send(_ manifest: Manifest = Invented.manifest()) throws -> (
    set: SetID, event: DeliveryEvent?
  ) {
    let set = try upload(manifest)
    let event = try objection(to: set)
    if let event { try record(event, set) } else { try schedule(set) }
    return (set, event)
  }

  /// The manifest of a set whose files have these sizes, and contents that go with them.
  static func manifest(_ sizes: [String: Int64], control: UInt8 = 0xcc) -> Manifest {
    let files = sizes.sorted { $0.key < $1.key }.map { key, size in
      var content = Invented.file("\(key).json", UInt8(size % 251))
      content.size = size
      return Manifest.Entry(key: key, content: content)
    }
    return Manifest(control: Invented.file("control.json", control), files: files)
  }
}
