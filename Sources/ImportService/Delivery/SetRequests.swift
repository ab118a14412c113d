import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem
import Synchronization

/// The couriers' shared way to the server.
struct SetRequests: Sendable {
  let settings: CurrentSettings
  let heartbeat: Heartbeat
  let time: any Time
  let batches: SeenBatches
  let uploads = SharedUploads()
  let running = RunningUploads()

  /// Asks the server that was in force when the step was decided: if another configuration is in force, no request goes out,
  /// and there is no verdict.
  func ask(
    _ kind: ServerRequest.Kind, for set: SetID, by server: Server, sending file: UploadFile? = nil,
    grace: (Duration, any Time)? = nil
  ) async throws -> ServerAnswer? {
    defer { running.end(set) }
    return try await server.ask(kind, for: set, grace: grace) {
      let activity = heartbeat.begin("asking the server for \(set)", limit: settings.longestSilence)
      let upload = file.map { running.begin($0, of: set, at: time.monotonic) }
      return (activity, { upload?.sent = $0 })
    }
  }
}

/// Lets one upload of a control file serve all sets that wait for the same bytes.
///
/// Domain: an actor. Whoever asks first uploads; the others wait for what comes of it.
actor SharedUploads {
  private var underWay: Set<SHA256Digest> = []
  private var uploaded: [SHA256Digest: Int] = [:]
  private let changes = Latch()

  /// Takes on the upload of these bytes; false if another set uploaded them while this one waited.
  func begin(_ digest: SHA256Digest) async throws -> Bool {
    let before = uploaded[digest, default: 0]
    while underWay.contains(digest) {
      await changes.wait(after: changes.version)
      try Task.checkCancellation()
    }
    guard uploaded[digest, default: 0] == before else { return false }
    underWay.insert(digest)
    return true
  }

  /// Ends an upload that was taken on.
  func end(_ digest: SHA256Digest, isUploaded: Bool) {
    underWay.remove(digest)
    // Only sets that wait at this moment compare the count, so it may begin again once nobody does.
    if uploaded.count > 1000 { uploaded = [:] }
    if isUploaded { uploaded[digest, default: 0] += 1 }
    changes.signal()
  }
}

/// The uploads at this moment, for those who ask how it goes.
///
/// Domains: the table is guarded by its mutex; each upload's counter is an atomic that the sending thread stores to, so
/// that sending costs no more when nobody asks.
final class RunningUploads: Sendable {
  /// One file on its way.
  final class Upload: Sendable {
    let set: SetID
    /// The file as it was dropped.
    let file: String
    /// Bytes.
    let size: Int64
    /// When the request went out.
    let begun: MonotonicInstant
    private let counter = Atomic<Int64>(0)

    fileprivate init(set: SetID, _ file: UploadFile, at begun: MonotonicInstant) {
      self.set = set
      self.file = file.name
      size = file.size
      self.begun = begun
    }

    /// Bytes of the file that the system has taken. The body around it is not counted.
    var sent: Int64 {
      get { counter.load(ordering: .relaxed) }
      set { counter.store(min(newValue, size), ordering: .relaxed) }
    }
  }

  private struct State {
    var uploads: [SetID: Upload] = [:]
    var ended: Int64 = 0
  }

  private let state = Mutex(State())

  /// Adds the file of a set that begins to be sent now. Files of a set go one at a time.
  func begin(_ file: UploadFile, of set: SetID, at now: MonotonicInstant) -> Upload {
    let upload = Upload(set: set, file, at: now)
    state.withLock { $0.uploads[set] = upload }
    return upload
  }

  /// The request of a set is over, whatever came of it; nothing happens if no file was being sent.
  func end(_ set: SetID) {
    state.withLock { state in
      if let upload = state.uploads.removeValue(forKey: set) { state.ended += upload.sent }
    }
  }

  /// Those under way, in the order of their sets' names, and the bytes of files sent since the start, theirs included.
  var current: (uploads: [Upload], bytesSent: Int64) {
    state.withLock { state in
      let uploads = state.uploads.values.sorted { $0.set < $1.set }
      return (uploads, state.ended + uploads.reduce(0) { $0 + $1.sent })
    }
  }
}

/// The ids of batches that belong to a set already: those of the journal's unfinished sets, of each source's last
/// scheduled sets, and of the last ones that this process created. A server never returns one twice, but a cache between
/// may, and two sets in one batch would be imported as one.
///
/// Domain: the set is guarded by its mutex.
final class SeenBatches: Sendable {
  /// So many ids of earlier batches are kept at least; each has about 100 bytes.
  private static let limit = 10_000

  private struct State {
    var recent: Set<BatchID>
    var older: Set<BatchID> = []
    /// Ids that came more than once.
    var repeated: Set<BatchID> = []
  }

  private let state: Mutex<State>

  /// Begins with the batches that the journal knows.
  init(_ journal: Journal) {
    var known: Set<BatchID> = []
    for delivery in journal.deliveries { known.formUnion(delivery.allBatches) }
    for history in journal.histories.values { known.formUnion(history.batches) }
    state = Mutex(State(recent: known))
  }

  /// Adds an id; false if it was there.
  func insert(_ batch: BatchID) -> Bool {
    state.withLock { state in
      guard !state.older.contains(batch), state.recent.insert(batch).inserted else {
        if state.repeated.count < Self.limit { state.repeated.insert(batch) }
        return false
      }
      if state.recent.count >= Self.limit { (state.older, state.recent) = (state.recent, []) }
      return true
    }
  }

  /// True if another set was given the same id: it cannot be known for whose control file the batch was made.
  func isRepeated(_ batch: BatchID) -> Bool { state.withLock { $0.repeated.contains(batch) } }
}
