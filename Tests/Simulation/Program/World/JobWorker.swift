/// A fault of the server's jobs, or of the pages that show them.
enum JobFault: CaseIterable {
  /// Of jobs: they end with errors or in an exception, take hours, are killed halfway, or are not begun.
  case errors, exception, long, killed, waiting
  /// Of pages: no answer, a late one, a gateway's, a page that breaks off, one of somebody else, that of another batch, a refused key,
  /// a user without the group.
  case pageLost, pageLate, pageUnavailable, pageCut, pageForeign, pageOfAnother, pageRefused, notInGroup

  /// Those after which the pages may not have told the end of a job.
  static let hidingEnds: Set<JobFault> = [
    .pageLost, .pageLate, .pageUnavailable, .pageCut, .pageForeign, .pageOfAnother, .pageRefused, .notInGroup,
  ]
}

/// A job of the server.
struct Job {
  var batch: String
  var mode: String?
  var control: String
  var files: [String: String]
  var comment: String
  /// Monotonic times of the schedule call and of the end.
  var time: Int64
  var ended: Int64?
  /// In the words of the server's pages.
  var state = "scheduled"
  var errors: Int64?
  /// True if it was killed halfway: it is `running` for ever.
  var isKilled = false

  /// The id of its set.
  var set: String { comment.split(separator: " ").last.map(String.init) ?? "" }

  /// The outcome that the pages show; nil while the job has not ended.
  var outcome: String? {
    switch state {
    case "complete": errors == 0 ? "imported" : "imported-with-errors"
    case "dry-run": errors == 0 ? "checked" : "checked-with-errors"
    case "error": "failed"
    default: nil
    }
  }
}

/// The server's only import worker: it runs the jobs one at a time, in the order in which they were scheduled.
final class JobWorker {
  private unowned(unsafe) let server: ServerModel
  private var random: Random
  private var isBusy = false

  init(_ server: ServerModel, _ random: Random) {
    self.server = server
    self.random = random
  }

  /// A job was scheduled, or the worker may go on.
  func wake() {
    guard !isBusy, let index = server.jobs.firstIndex(where: { $0.state == "scheduled" }) else { return }
    isBusy = true
    scheduler.after(Int64(random.below(2_000_000_000))) { [self] in begin(index) }
  }

  private func begin(_ index: Int) {
    if server.pages.faults.isOn(.waiting) {
      return scheduler.after(60_000_000_000) { [self] in begin(index) }
    }
    server.jobs[index].state = "running"
    if server.pages.faults.hit(.killed) {
      server.jobs[index].isKilled = true
      return scheduler.after(Int64(random.between(10, 1800)) * 1_000_000_000) { [self] in rest() }
    }
    let isLong = server.pages.faults.hit(.long)
    let time = Int64(isLong ? random.between(60, 14_400) : random.between(0, 20)) * 1_000_000_000
    scheduler.after(time + Int64(random.below(1_000_000_000))) { [self] in end(index) }
  }

  private func end(_ index: Int) {
    var job = server.jobs[index]
    let hasErrors = server.pages.faults.hit(.errors) || random.chance(8)
    job.errors = hasErrors ? Int64(random.between(1, 500)) : 0
    job.state = job.mode == nil ? "complete" : "dry-run"
    // The pages show no error for a job that ended in an exception.
    if server.pages.faults.hit(.exception) || random.chance(3) { (job.state, job.errors) = ("error", 0) }
    job.ended = machine.monotonic
    server.jobs[index] = job
    server.world.log.add("server: job \(job.batch.suffix(4)) ends: \(job.state) \(job.errors ?? 0)")
    rest()
  }

  private func rest() {
    isBusy = false
    wake()
  }
}
