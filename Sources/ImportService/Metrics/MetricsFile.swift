import ImportCore
import ImportRuntime
import ImportSystem

/// Keeps the file that `MetricsFile=` names: whole for every reader at every moment, never in the way of the work. What
/// keeps it from being written is said once, and how often that happened when it can be written again.
///
/// Domain: an actor; its calls to the disk are made on a worker.
actor MetricsFile {
  private let fileSystem: FileSystem
  private let workers: WorkerPool
  private let log: any Log
  private var failures = 0

  init(_ fileSystem: FileSystem, workers: WorkerPool, log: any Log) {
    self.fileSystem = fileSystem
    self.workers = workers
    self.log = log
  }

  /// Puts this text in place.
  func write(_ text: String, to path: String) async {
    let place = Place(path)
    do {
      try await workers.run { [fileSystem] () throws(SystemError) in
        // Readable by all: node_exporter is another user, and there is nothing here that is not in `status`.
        try fileSystem.openDirectory(place.directory, for: "metrics").replace(
          Array(text.utf8), as: place.name, mode: 0o644, for: "metrics")
      }
      succeeded(path)
    } catch {
      failed(error, path)
    }
  }

  /// Removes a file that is not configured any more, so that nobody reads old figures. A failure is no matter: their
  /// age shows.
  func remove(_ path: String) async {
    let place = Place(path)
    await workers.run { [fileSystem] in
      try? fileSystem.openDirectory(place.directory, for: "metrics").removeIfThere(place.name, for: "metrics")
    }
  }

  private struct Place: Sendable {
    let directory: String
    let name: String

    init(_ path: String) {
      let cut = path.lastIndex(of: "/") ?? path.startIndex
      directory = cut == path.startIndex ? "/" : String(path[..<cut])
      name = String(path[cut...].dropFirst())
    }
  }

  private func failed(_ error: SystemError, _ path: String) {
    failures += 1
    guard failures == 1 else { return }
    log.write(
      LogEvent(.metricsFailed, "the metrics cannot be written; imports continue").with("path", path)
        .with("reason", error).with(
          "remedy",
          "let the daemon write to that directory (its owner or an ACL, and the service's sandbox: "
            + "'haplo-importd config' prints the drop-in), or change MetricsFile="))
  }

  private func succeeded(_ path: String) {
    if failures > 0 {
      log.write(
        LogEvent(.metricsWritten, "the metrics are written again").with("path", path).with(
          "failures", failures))
    }
    failures = 0
  }
}
