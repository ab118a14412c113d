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
