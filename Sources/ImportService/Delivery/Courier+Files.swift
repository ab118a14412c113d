import ImportCore
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

/// Where the files of a set in `work/` are: beside each other in `files/`, but for a fixed control file.
struct SetFiles: Sendable {
  let spool: Spool
  let set: SetID
  let claim: Claim

  /// Opens a file of the set that was read before, and says what it is now.
  func open(_ content: ManifestFile, isControl: Bool) throws(SystemError) -> (
    file: OpenFile, status: FileStatus
  ) {
    let isFixed = isControl && claim.control == nil
    let names = isFixed ? [content.file] : [Spool.filesName, content.file]
    return try spool.openSetFile(set, names)
  }

  /// The folder that holds the control file, or the data files.
  func directory(isControl: Bool) throws(SystemError) -> Directory {
    isControl && claim.control == nil ? try spool.openSet(set) : try spool.openSet(set, Spool.filesName)
  }

  /// The same for the data files, where the control file's folder is open already: it is the same one, but for a fixed
  /// control file.
  func dataDirectory(beside control: Directory) throws(SystemError) -> Directory {
    claim.control == nil ? try directory(isControl: false) : control
  }

  /// True if every file looks exactly as it did when it was read.
  func areUnchanged(_ manifest: Manifest) throws(SystemError) -> Bool {
    let own = try directory(isControl: true)
    guard try isUnchanged(manifest.control, in: own) else { return false }
    let files = try dataDirectory(beside: own)
    for entry in manifest.files where try !isUnchanged(entry.content, in: files) { return false }
    return true
  }

  private func isUnchanged(_ content: ManifestFile, in directory: Directory) throws(SystemError) -> Bool {
    guard let status = try directory.status(content.file) else { return false }
    return ImportCore.FileIdentity(status) == content.identity
  }
}

extension Manifest {
  /// The control file (nil), or the data file of a key.
  func content(of key: String?) -> ManifestFile? {
    guard let key else { return control }
    return files.first { ExactText($0.key) == ExactText(key) }?.content
  }
}
