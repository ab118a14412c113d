import ImportCore
import ImportSystem

/// What was read of a small set while the disk was busy with its claim (docs/decisions/0013-reading-ahead.md).
struct ReadAhead: Sendable {
  let manifest: Manifest
  /// Its files, open.
  let files: [String: OpenFile]
  /// The version of the settings by which it was read.
  let settings: UInt64

  /// Makes what was read durable. Blocks.
  func sync() throws(SystemError) {
    for content in [manifest.control] + manifest.files.map(\.content) {
      guard let file = files[content.file] else {
        preconditionFailure("'\(content.file)' was read and is not open")
      }
      try file.syncData(for: "claim")
    }
  }
}

extension Claims {
  /// Reads a folder that looks as if its set would be begun at once, on the thread that has found it complete. What is read is what the courier
  /// would read right after the claim: a file that is changed or replaced meanwhile does not look any more as it did when
  /// it was read, which the courier notices when it sends it, and before it schedules the batch.
  func prepare(for folder: OpenFolder, control: String) {
    guard folder.isSmall, context.journal.waiting == 0, folder.reading.begin() else { return }
    folder.reading.settle(
      Result { () throws(SystemError) in try read(folder, control: control, syncs: false) })
  }

  /// What was read of a small set by the settings that are in force, or is read now if nobody has begun with it. With `syncs` what
  /// is read is on the disk on return.
  func readAhead(_ item: Taken, _ folder: OpenFolder, syncs: Bool) async -> ReadAhead? {
    guard let control = item.claim.control, await line.isFree else { return nil }
    do throws(SystemError) {
      if !syncs, !folder.reading.begin() { return try await folder.reading.result() }
      return try await context.workers.run { () throws(SystemError) in
        try read(folder, control: control, syncs: syncs)
      }
    } catch {
      // The kernel tells of a failed write once; the next reading may find nothing wrong.
      context.log.write(.localFailure(error, set: item.set, purpose: "read"))
      return nil
    }
  }

  private func read(_ folder: OpenFolder, control: String, syncs: Bool) throws(SystemError) -> ReadAhead? {
    let version = context.settings.changes.version
    guard var inspector = context.inspector(for: line.source) else { return nil }
    inspector.syncs = syncs
    guard case .manifest(let manifest) = try inspector.inspect(folder, control: control) else { return nil }
    return ReadAhead(manifest: manifest, files: folder.files, settings: version)
  }

  /// True if what was read still counts: by the settings that are in force.
  func isCurrent(_ ahead: ReadAhead) -> Bool { ahead.settings == context.settings.changes.version }
}
