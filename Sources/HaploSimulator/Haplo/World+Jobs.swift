extension World {
  /// Moves jobs on to `now`, which is a time of the options' clock.
  mutating func runJobs(until now: Duration) {
    for event in worker.advance(to: now) {
      switch event {
      case .started(let job): setState(.running, of: job, event: "started")
      case .finished(let job): finish(job)
      }
    }
  }

  /// When the job that is running ends, by the options' clock; nil if none is that will.
  var nextJobEnd: Duration? { worker.nextEnd }

  mutating func restart(now: Duration) {
    worker.restart(now: now)
    sessions.clear()
    record.sessions.live = 0
    lines.append(RecordLine.forgotten("sessions"))
  }

  /// Makes a session unless the request brought one; see `Sessions`.
  mutating func openSession(cookies: String?) -> String? {
    let drops = sessions.drops
    let session = sessions.open(cookies: cookies)
    if sessions.drops > drops { lines.append(RecordLine.forgotten("sessions")) }
    record.sessions = .init(made: sessions.made, live: sessions.liveCount, drops: sessions.drops)
    return session
  }

  private mutating func finish(_ job: Int) {
    guard case .finished(let errors) = assignments[job - 1].result else {
      return setState(.error, of: job, errors: 0, event: "finished")
    }
    let isDryRun = record.jobs[job - 1].isDryRun
    setState(isDryRun ? .dryRun : .complete, of: job, errors: errors, event: "finished")
  }

  private mutating func setState(
    _ state: SimulatorRecord.Batch.State, of job: Int, errors: Int? = nil, event: String
  ) {
    let id = record.jobs[job - 1].batch
    let index = assignments[job - 1].batch
    record.batches[index].state = state
    record.batches[index].errors = errors
    if state.isFinished { record.batches[index].finished = secondsNow() }
    lines.append(RecordLine.job(event, job, batch: id, state: state, errors: errors))
  }
}

/// Holds the server's database as it was at some time: its batches with their states, and the queue of jobs.
public struct ServerBackup: Sendable {
  fileprivate let batches: [String: Int]
  fileprivate let database: [Int]
  /// The batches as the record had them, by their places in it.
  fileprivate let contents: [Int: SimulatorRecord.Batch]
  fileprivate let worker: JobWorker
}

extension World {
  /// Copies the database.
  func backUp() -> ServerBackup {
    ServerBackup(
      batches: batches, database: database,
      contents: Dictionary(uniqueKeysWithValues: database.map { ($0, record.batches[$0]) }), worker: worker)
  }

  /// Puts a backup in the place of the database and starts the server again: newer batches are forgotten, older ones are as they were,
  /// database numbers go on from the backup's, and the queue goes on without the job that was running. The record keeps all batches.
  mutating func restore(_ backup: ServerBackup, now: Duration) {
    for index in batches.values where backup.contents[index] == nil {
      record.batches[index].isForgotten = true
    }
    for (index, content) in backup.contents {
      record.batches[index].files = content.files
      record.batches[index].job = content.job
      record.batches[index].state = content.state
      record.batches[index].errors = content.errors
      record.batches[index].finished = content.finished
    }
    (batches, database, worker) = (backup.batches, backup.database, backup.worker)
    restart(now: now)
  }
}
