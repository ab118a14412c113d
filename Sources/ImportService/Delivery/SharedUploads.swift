import ImportCore
import ImportRuntime

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
