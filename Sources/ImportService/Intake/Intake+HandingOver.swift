import ImportCore
import ImportSystem

extension Intake {
  /// Hands over what was judged, the complete sets in the order of arrival, and then looks what has become of it.
  func handOver(_ verdicts: [(candidate: Candidate, verdict: IntakeVerdict)]) async {
    var complete: [CompleteSet] = []
    var refused: [(candidate: Candidate, drop: RefusedDrop)] = []
    for (candidate, verdict) in verdicts {
      switch verdict {
      case .complete(let set) where isNew(set.claim.items + set.contents, candidate):
        complete.append(set)
      case .refused(let drop) where isNew(drop.claim.items + drop.contents, candidate):
        refused.append((candidate, drop))
      default: continue
      }
    }
    if !complete.isEmpty {
      await taker.take(CompleteSet.inOrderOfArrival(complete), from: source.name)
    }
    for (candidate, drop) in refused { await refuse(drop, candidate) }
    await lookAgain(at: complete.map(\.claim) + refused.map(\.drop.claim))
  }

  private func refuse(_ drop: RefusedDrop, _ candidate: Candidate) async {
    candidate.findings = [IntakeFinding(drop.name, drop.reason.text, isFinal: true)]
    if candidate.refused != drop.claim.items {
      log.write(
        LogEvent(.dropRefused, "dropped set refused").with("source", source.name).with("path", drop.name)
          .with("reason", drop.reason.text))
    }
    candidate.refused = drop.claim.items
    await taker.refuse(drop, from: source.name)
  }

  /// True if what is offered is not what the taker has left in its place before; remembers it.
  private func isNew(_ items: [Claim.Item], _ candidate: Candidate) -> Bool {
    guard candidate.declined != items else { return false }
    candidate.declined = items
    candidate.incompleteSince = nil
    candidate.isReported = false
    return true
  }

  /// What was taken is gone, or something else stands in its place already; what was left keeps its place. Where the
  /// kernel tells of that, it is not asked for.
  private func lookAgain(at claims: [Claim]) async {
    if mode == .watched { return }
    let names = Set(claims.flatMap(\.items).map { EntryName($0.name) })
    if !names.isEmpty { await look(at: Array(names), event: false) }
  }
}
