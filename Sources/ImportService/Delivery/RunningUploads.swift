import HaploAPI
import ImportCore
import Synchronization

/// What is being sent at this moment, for those who ask how it goes.
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
