import ImportCore

/// Ready-made values for tests of what happens to one set: two data files, one batch, one clock.
enum Invented {
  static let start = Timestamp(microseconds: 1_795_503_912_000_000)  // 2026-11-24T07:05:12Z
  static let set = SetID("20261124T070512Z-hr-7f3k2m9q")!
  static let other = SetID("20261124T070513Z-hr-abcdefgh")!
  static let source = SourceName("hr")!
  static let server = "https://research.example.ac.uk"
  static let batch = BatchID("Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz")!
  static let nextBatch = BatchID("bmV4dC1iYXRjaC1uZXh0LWJhdGNoLW5leHQtYmF0Y2gt")!
  static let reason = Reason("Service unavailable", step: .file, key: "a", http: 503)
  static let day = Duration.seconds(86_400)

  static func identity(_ inode: UInt64 = 7) -> FileIdentity {
    FileIdentity(device: 2, inode: inode, size: 5, modified: 1, changed: 2)
  }

  static func digest(_ byte: UInt8) -> SHA256Digest {
    SHA256Digest(bytes: [UInt8](repeating: byte, count: 32))
  }

  static func file(_ name: String, _ byte: UInt8, inode: UInt64 = 7) -> ManifestFile {
    ManifestFile(file: name, size: 5, sha256: digest(byte), identity: identity(inode))
  }

  static func claim(_ form: SetForm = .folder, name: String = "export") -> Claim {
    Claim(
      form: form, name: name, directory: "/srv/drop/hr", control: "control.json", completed: start,
      items: [Claim.Item(name: name, identity: identity())])
  }

  /// A control file and the data files `a` and `b`. `content` alters the bytes of `a`, `inode` only the looks of it.
  static func manifest(content: UInt8 = 0xaa, inode: UInt64 = 7) -> Manifest {
    Manifest(
      control: file("control.json", 0xcc),
      files: [
        Manifest.Entry(key: "a", content: file("a.json", content, inode: inode)),
        Manifest.Entry(key: "b", content: file("b.tsv", 0xbb)),
      ])
  }

  static func delivery(
    _ events: DeliveryEvent..., at time: Timestamp = start, arrival: Int64 = 1
  ) throws(Contradiction) -> Delivery {
    var delivery = Delivery(set: set, arrival: arrival, claim: claim())
    for event in events { try delivery.apply(event, at: time) }
    return delivery
  }

  static let inspected = DeliveryEvent.inspected(manifest: manifest())
  static let created = DeliveryEvent.batchCreated(batch: batch, server: server)
  static let createdNext = DeliveryEvent.batchCreated(batch: nextBatch, server: server)
  static let intended = DeliveryEvent.scheduleIntended(mode: .import)

  /// All events up to and including the record of the batch.
  static let untilBatch: [DeliveryEvent] = [.claimed, inspected, created]
  /// All events up to and including the last upload.
  static let untilUploaded = untilBatch + [.fileUploaded(key: "a"), .fileUploaded(key: "b")]
  /// All events up to and including the intent.
  static let untilIntended = untilUploaded + [intended]
}

extension Delivery {
  /// A copy after these events, all at the same time.
  func after(_ events: [DeliveryEvent], at time: Timestamp = Invented.start) throws(Contradiction) -> Delivery
  {
    var copy = self
    for event in events { try copy.apply(event, at: time) }
    return copy
  }

  /// A copy after this event.
  func after(_ event: DeliveryEvent, at time: Timestamp = Invented.start) throws(Contradiction) -> Delivery {
    try after([event], at: time)
  }

  /// The next step at the time of the samples, with a day's patience.
  var next: DeliveryStep? { nextStep(now: Invented.start, holdAfter: Invented.day) }
}
