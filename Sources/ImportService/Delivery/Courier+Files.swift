import HaploAPI
import ImportCore
import ImportStorage
import ImportSystem

/// Reading a set's files for sending: always the ones whose digests are in the manifest.
extension Courier {
  /// Opens the control file (nil) or the data file of a key, if it still is what the manifest says, and lends it to
  /// `body`. A file that looks otherwise is read again first.
  func withFile(
    _ key: String?, _ delivery: Delivery, _ body: (UploadFile) async throws -> [DeliveryEvent]
  ) async throws -> [DeliveryEvent] {
    guard let content = delivery.manifest?.content(of: key) else {
      preconditionFailure("step for a key that the manifest of \(set) does not have")
    }
    let location = SetFiles(spool: context.spool, set: set, claim: delivery.claim)
    let file: OpenFile
    do {
      let opened = try await context.workers.run { () throws(SystemError) in
        let (file, status) = try location.open(content, isControl: key == nil)
        return (file, ImportCore.FileIdentity(status))
      }
      guard opened.1 == content.identity else { return try await inspect(delivery) }
      file = opened.0
    } catch let error as SystemError where error.isNotRegularFile {
      return try await inspect(delivery)  // which says what stands there, and what can be done
    } catch let error as SystemError {
      return try await failedLocally(error, delivery)
    }
    return try await body(
      UploadFile(file: file, name: content.file, size: content.size, digest: content.sha256))
  }

  /// Looks at all files once more, just before the batch is scheduled.
  func filesAreUnchanged(_ delivery: Delivery) async throws -> Bool {
    guard let manifest = delivery.manifest else { return false }
    let location = SetFiles(spool: context.spool, set: set, claim: delivery.claim)
    return await context.workers.run { () -> Bool in
      (try? location.areUnchanged(manifest)) ?? false
    }
  }
}
