/// One request, as far as its answer's meaning depends on it.
public enum Question: Hashable, Sendable {
  /// Uploads a control file of this digest.
  case control(SHA256Digest)
  /// Creates a batch from the control file of this digest.
  case batch(control: SHA256Digest)
  /// Uploads the data file of this key and digest into this batch.
  case file(key: String, SHA256Digest, batch: BatchID)
  /// Schedules this batch.
  case schedule(BatchID)

  /// The endpoint that is asked.
  public var step: ServerStep {
    switch self {
    case .control: .control
    case .batch: .batch
    case .file: .file
    case .schedule: .schedule
    }
  }

  /// The digest that the server must return, for the steps that send a file.
  var digest: SHA256Digest? {
    switch self {
    case .control(let digest), .file(_, let digest, _): digest
    case .batch, .schedule: nil
    }
  }

  private var key: String? {
    guard case .file(let key, _, _) = self else { return nil }
    return key
  }

  func reason(_ text: String, remedy: String? = nil, http: Int? = nil) -> Reason {
    Reason(text, remedy: remedy, step: step, key: key, http: http)
  }
}
