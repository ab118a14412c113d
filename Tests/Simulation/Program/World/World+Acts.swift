import Glibc
import ImportCore
import ImportService

extension World {
  /// Puts all acts of a plan on the clock.
  func begin(_ plan: Plan) {
    for act in plan.acts { scheduler.after(act.time) { [self] in perform(act) } }
    scheduler.after(plan.end) { [self] in heal() }
    let start = random.chance(80) ? 0 : Int64(random.below(Int(plan.end / 2)))
    scheduler.after(start) { [self] in self.start() }
  }

  private func perform(_ act: Act) {
    guard !isHealed else { return }
    if case .drop(let drop) = act.kind { return self.drop(drop, act.seed) }
    var random = Random(seed: act.seed)
    log.add("act \(act.kind)")
    switch act.kind {
    case .drop: break
    case .kill:
      kill()
      mark(.killed)
      restart(&random)
    case .powerCut:
      cutPower()
      restart(&random)
    case .die(let change, let power):
      guard isRunning else { return }
      machine.deathAt = machine.changes + change
      machine.onDeath = { [self] in
        log.add("dies at a change")
        scheduler.after(0) { [self] in
          if power { cutPower() } else { kill() }
          var random = Random(seed: act.seed)
          restart(&random)
        }
        mark(.diedAtChange)
      }
    case .terminate:
      guard isRunning else { return }
      if isStopping {
        // A second SIGTERM ends the process at once.
        kill()
        return restart(&random)
      }
      isStopping = machine.raise(SIGTERM, in: scheduler.life)
      if isStopping { mark(.terminated) }
    case .pause(let source): ask(.pause(sources: [name(source)])) { [self] _ in mark(.paused) }
    case .resume(let source): ask(.resume(sources: [name(source)])) { _ in }
    case .retryAll(let again): decide([.held, .rejected], .retry(importAgain: again))
    case .approveAll: decide([.awaitingApproval], .approve)
    case .rejectOne:
      decide(
        [.claimed, .uploading, .deferred, .held, .awaitingApproval], .reject(reason: "not wanted"), limit: 1)
    case .discardAll: decide([.rejected], .discard)
    case .compare(let dryRun):
      server.pages.notePerson()
      ask(.compareWithServer(dryRun: dryRun)) { [self] _ in mark(.compared) }
    case .reload:
      if settings.change(&random) { hasChangedModes = true }
      writeConfiguration()
      if reload() { mark(.reloaded) }
    case .rotateKey:
      server.rotateKey()
      scheduler.after(Int64(random.below(900)) * 1_000_000_000) { [self] in giveKey() }
    case .rotateOutcomeKey:
      server.pages.rotateKey()
      hasRotatedOutcomeKey = true
      scheduler.after(Int64(random.below(900)) * 1_000_000_000) { [self] in giveOutcomeKey() }
    case .jobs(let fault, let seconds):
      server.pages.faults.begin(fault, share: random.pick([20, 50, 100]), seconds: seconds)
    case .server(let fault, let seconds):
      server.begin(fault, share: random.pick([20, 50, 100]), seconds: seconds)
    case .fullDisk(let seconds):
      machine.faults.isFull = true
      mark(.diskFull)
      scheduler.after(Int64(seconds) * 1_000_000_000) { machine.faults.isFull = false }
    case .failingDisk(let change, let seconds):
      machine.faults.failing[change] = random.pick([300, 2000, 10_000])
      mark(.diskFailed)
      scheduler.after(Int64(seconds) * 1_000_000_000) { machine.faults.failing[change] = nil }
    case .loseEvents:
      machine.loseEvents()
      hasLostEvents = true
      mark(.lostEvents)
    case .setClock(let seconds):
      machine.clockOffset += Int64(seconds) * 1_000_000_000
      hasSetClock = true
      mark(.clockSet)
    case .restoreJournal: restoreJournal(&random)
    case .ask: look()
    }
  }

  private func name(_ source: Int) -> SourceName { SourceName(settings.sources[source].name)! }

  /// The daemon is started again after a while, as systemd and people do.
  private func restart(_ random: inout Random) {
    let seconds = random.pick([0, 1, 5, 60, 600])
    scheduler.after(Int64(seconds) * 1_000_000_000) { [self] in start() }
  }

  /// Writes the server's key into the daemon's file and has it read.
  private func giveKey() {
    install(server.key + "\n", at: Self.apiKeyPath, mode: 0o600)
    _ = reload()
    mark(.keyRotated)
  }

  private func giveOutcomeKey() {
    install(server.pages.key + "\n", at: WorldSettings.outcomeKeyPath, mode: 0o600)
    if reload(), hasRotatedOutcomeKey { mark(.outcomeKeyRotated) }
  }

  /// Has the daemon read its configuration again; false if it does not listen.
  private func reload() -> Bool {
    let isHeard = machine.raise(SIGHUP, in: scheduler.life)
    if isHeard { server.pages.noteReload() }
    return isHeard
  }

  /// Puts back the journal of an earlier time while the daemon is down.
  private func restoreJournal(_ random: inout Random) {
    guard let saved = savedJournal else {
      savedJournal = machine.inode(Self.state + "/journal.jsonl")?.data
      return
    }
    kill()
    write(String(decoding: saved, as: UTF8.self), to: Self.state + "/journal.jsonl", mode: 0o640)
    machine.inode(Self.state)?.syncTree()
    hasRestored = true
    // A set whose job the restored journal cannot know, and which no receipt proves: no program can tell.
    for set in DiskView(self).sets where set.area == "work" {
      if server.jobs.contains(where: { $0.comment.hasSuffix(set.id) }) { mayRepeat.insert(set.id) }
    }
    mark(.journalRestored)
    restart(&random)
  }

  /// Ends all faults; from now on everything must come to its end.
  func heal() {
    guard !isHealed else { return }
    isHealed = true
    log.add("-- from here on nothing goes wrong")
    machine.faults.isFull = false
    machine.faults.failing = [:]
    machine.deathAt = nil
    server.heal()
    giveKey()
    giveOutcomeKey()
    writeConfiguration()
    start()
    tend(after: 60)
  }

  /// The acts of people every half hour until all is settled.
  private func tend(after seconds: Int64) {
    scheduler.after(seconds * 1_000_000_000) { [self] in
      start()
      _ = reload()
      ask(.resume(sources: settings.sources.map { SourceName($0.name)! })) { _ in }
      if hasRestored {
        if settings.hasOutcomes { server.pages.notePerson() }
        ask(settings.hasOutcomes ? .compareWithServer(dryRun: false) : .reconcile(assumeNew: true)) { _ in }
      }
      decide([.awaitingApproval], .approve) { [self] in needsPerson($0) }
      look()
      tend(after: 1800)
    }
  }

  func mark(_ mark: Mark) { marks.insert(mark) }
}

/// Rare branches that a run is to reach.
enum Mark: String, CaseIterable {
  case killed, diedAtChange, powerCut, terminated, paused, retried, discarded, approved, rejectedByPerson,
    reloaded, keyRotated, outcomeKeyRotated, compared
  case diskFull, diskFailed, lostEvents, clockSet, journalRestored
  case claimed, deferred, held, rejected, archived, skipped, withdrawn, abandoned, torn, outdated, overflow
  case stoppedServer, resumedServer, stateOnly, obstructed, copied, flat
  case guarded, backAtWork, foundInList, importedAsClean, awaitingWithReason
  case outcomeGood, outcomeWithErrors, outcomeFailed, outcomeStuck, outcomeUnknown, outcomesStopped,
    outcomesResumed
}
