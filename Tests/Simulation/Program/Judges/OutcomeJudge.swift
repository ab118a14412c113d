import FoundationEssentials
import ImportCore

/// Compares the outcomes that are stored with the server's jobs, and what followed from them, when all has come to its end.
struct OutcomeJudge {
  private let world: World
  private let plan: Plan
  private let disk: DiskView

  init(_ world: World, _ plan: Plan) {
    self.world = world
    self.plan = plan
    disk = DiskView(world)
  }

  var problems: [String] { world.settings.hasOutcomes ? outcomes + cleanImports + delays : [] }

  /// True for an archived set whose job has no stored end yet.
  static func waits(_ set: DiskView.StoredSet, _ world: World) -> Bool {
    guard world.settings.hasOutcomes, !world.hasRestored, set.area == "archive", let receipt = set.receipt,
      receipt["batch"] is String
    else { return false }
    return set.outcome == nil
  }

  // MARK: The end of each job

  private var outcomes: [String] {
    disk.sets.compactMap { set in
      guard set.area == "archive", let receipt = set.receipt, let batch = receipt["batch"] as? String else {
        return nil
      }
      guard let settled = set.outcome else {
        return world.hasRestored ? nil : "archived set \(set.id) has no outcome"
      }
      guard settled.batch.text == batch, settled.set.text == set.id else {
        return world.hasRestored ? nil : "archived set \(set.id) has the outcome of another batch"
      }
      let outcome = settled.outcome
      if let problem = world.server.contradiction(of: batch, outcome.state.rawValue, errors: outcome.errors) {
        return "set \(set.id): \(problem)"
      }
      if outcome.state == .unknown, let reason = unknownProblem(batch) { return "set \(set.id): \(reason)" }
      return nil
    }
  }

  /// Pages that were to be had, and a job that ended in time, must not leave an outcome unknown.
  private func unknownProblem(_ batch: String) -> String? {
    guard let job = world.server.job(of: batch), let ended = job.ended, !world.hasSetClock,
      !world.hasRestored,
      !world.hasRotatedOutcomeKey, world.server.pages.faults.hits.isDisjoint(with: JobFault.hidingEnds),
      !world.server.hasThrottled, world.server.faults.hits.isEmpty,
      ended - job.time < Int64(world.settings.outcomeHours - 2) * 3_600_000_000_000
    else { return nil }
    return "the outcome is unknown, though the pages showed that the job is \(job.state)"
  }

  // MARK: Imports that check themselves

  /// An import without a person's word follows a dry run of the same set that had ended with 0 errors, and records.
  private var cleanImports: [String] {
    guard !world.hasChangedModes else { return [] }
    let jobs = world.server.jobs
    return jobs.compactMap { job in
      guard job.mode == nil,
        let source = world.settings.sources.first(where: { job.comment.hasPrefix($0.name + " ") }),
        source.mode == "import-if-clean", !world.approved.contains(job.set)
      else { return nil }
      let isClean = jobs.contains { other in
        other.set == job.set && other.mode == "dry-run" && other.outcome == "checked"
          && other.ended ?? .max < job.time
          && other.files == job.files
      }
      let isEmpty = world.exports.contains { $0.drop.flaw == .empty && $0.digests == job.files }
      if isEmpty { return "set \(job.set) has no records, and was imported by itself" }
      return isClean ? nil : "set \(job.set) was imported by itself without a clean dry run"
    }
  }

  // MARK: Deliveries do not wait for pages

  /// Beyond the quiet time: half a page's time.
  private static let longestDelay: Int64 = 30_000_000_000

  /// `Order=name` holds as well: a set waits for the quiet time of those that come first by name.
  private static func isHolding(_ line: String) -> Bool {
    !["MaxInFlight=", "RescanSec=", "ResultFiles=", "OnDuplicate=", "IncompleteRejectSec="].contains {
      line.hasPrefix($0)
    }
  }

  private var delays: [String] {
    guard plan.isServerCalm, world.settings.habits.longest < 1_000_000_000, let started = world.started,
      world.settings.notifierCapacity > 100
    else { return [] }
    return world.exports.compactMap { export in
      let isPlain = export.drop.flaw == .none && !export.source.lines.contains { Self.isHolding($0) }
      guard isPlain, !export.isDamaged, let ready = export.ready,
        let job = world.server.jobs.first(where: { $0.files == export.digests })
      else { return nil }
      let quiet = Int64(export.source.quiet.filter(\.isNumber)) ?? 0
      let delay = job.time - max(ready, started) - quiet * 1_000_000_000
      return delay > Self.longestDelay
        ? "export \(export.number) was scheduled \(delay / 1_000_000_000) s after it was complete" : nil
    }
  }
}

extension DiskView.StoredSet {
  /// The outcome beside the receipt.
  var outcome: SettledOutcome? {
    beside["outcome.json"].flatMap { try? JSONDecoder().decode(SettledOutcome.self, from: Data($0)) }
  }
}
