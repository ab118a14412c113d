import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// When outcomes are read at all: not with a key that was refused, or that cannot be used.
extension OutcomeReader {
  /// Begins, before any set is worked on. `failure` says why the configured key cannot be used.
  func begin(_ failure: OutcomeKeyFailure?) async throws {
    try await openMissing()
    if let failure { return try await stop(failure) }
    guard let stop = journal.outcomes.reading.stop, let access = settings.outcomes, stop.key != access.key
    else { return }
    try await resume()
  }

  /// The configuration was read again: a person asks for another try.
  func reconfigured(_ failure: OutcomeKeyFailure?) async throws {
    if let failure { return try await stop(failure) }
    if journal.outcomes.reading.stop != nil { try await resume() }
  }

  /// A program that does not stay is not told of a cause that was corrected on the server: it tries again after an hour.
  func liftOldStop() async throws {
    guard let stop = journal.outcomes.reading.stop, let access = settings.outcomes, stop.key == access.key
    else { return }
    let age = time.now.since(stop.since)
    if age >= OutcomePause.refused || age < .zero { try await resume() }
  }

  /// Reads nothing more with this key until a person has acted.
  func stop(_ key: String, _ refusal: OutcomeRefusal) async throws {
    let last = journal.outcomes.reading.stop
    if last?.key != key || last?.refusal != refusal {
      let stop = OutcomeReading.Stop(key: key, refusal: refusal, since: time.now)
      try await journal.record(.outcomeReading(OutcomeReading(stop: stop)))
    }
    log.write(
      LogEvent(.outcomesStopped, "outcomes are not read until a reload").with("reason", refusal.text)
        .with("remedy", refusal.remedy))
  }

  /// Imports never depend on this key, so that a mistake with it stops the reading only. It has no fingerprint.
  private func stop(_ failure: OutcomeKeyFailure) async throws {
    try await stop("", OutcomeRefusal(text: failure.description, remedy: Self.keyRemedy))
  }

  private static let keyRemedy =
    "correct OutcomeKeyFile= or its key as 'haplo-importd config' says, then reload, or restart if the key is a credential"

  private func resume() async throws {
    try await journal.record(.outcomeReading(OutcomeReading()))
    log.write(LogEvent(.outcomesResumed, "outcomes are read again"))
  }

  /// Opens the jobs of scheduled sets that have none: a power cut can lose the record behind that of the schedule call. A job
  /// that would be overdue at once is none, for its set may be older than the outcome key.
  private func openMissing() async throws {
    let server = settings.configuration.server
    guard server.outcomeKeyFile != nil else { return }
    let open = journal.outcomes.jobs
    for delivery in journal.deliveries {
      guard let job = OpenOutcome(scheduled: delivery), open[job.batch] == nil,
        !job.isOverdue(server.outcomeTimeout, now: time.now)
      else { continue }
      try await journal.record(.outcomeOpened(job))
    }
  }
}
