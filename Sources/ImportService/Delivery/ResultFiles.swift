import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Leaves result files where exporters can see them.
struct ResultFiles: Sendable {
  let blocking: BlockingWork
  let fileSystem: FileSystem
  let log: any Log

  /// Nanoseconds that a result file waits for a drop directory that does not answer.
  private static let patienceWithDrop: Int64 = 30_000_000_000

  /// Leaves a result in a source's drop directory. Nothing depends on it: what stands in the way is only logged.
  func leave(_ result: ResultFile, for set: SetID, in source: SourceSettings) async {
    do {
      try await blocking.onDrop(of: set.source, "the result file of \(set)", within: Self.patienceWithDrop) {
        [fileSystem] _ throws(SystemError) in
        try result.write(in: fileSystem.openDirectory(source.directory, for: "result"))
      }
    } catch {
      log.write(
        LogEvent(.resultNotWritten, "result file not written").with("set", set)
          .with("source", set.source).with("reason", error)
          .with(
            "remedy",
            "let the daemon's user write in '\(source.directory)/\(ResultFile.folder)': a tmpfiles.d line makes it"
          ))
    }
  }
}
