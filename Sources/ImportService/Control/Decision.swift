import ImportCore
import ImportStorage

/// What a person wants done about a set.
public enum Decision: Codable, Sendable, Hashable {
  /// Try it again from the beginning; `importAgain` if it may be imported a second time.
  case retry(importAgain: Bool)
  /// Import what was checked in a dry run.
  case approve
  /// Give it up, for this reason.
  case reject(reason: String)
  /// Delete its files and forget it.
  case discard
}

/// What came of a decision.
public struct DecisionResult: Codable, Sendable, Hashable {
  /// How it went.
  public enum Outcome: String, Codable, Sendable {
    case done
    /// The set is in a state in which that cannot be decided.
    case refused
    /// There is no such set, or its folder is gone, or several begin like that.
    case notFound = "not-found"
    /// There is no such source.
    case noSource = "no-source"
    /// The server cannot be asked, or its answer is not understood (`reconcile`).
    case serverUnavailable = "server-unavailable"
    /// There is no outcome key, or the server refuses it (`reconcile`).
    case keyRefused = "key-refused"
  }

  /// What was asked about: a set's id or a source's name.
  public var subject: String
  public var outcome: Outcome
  /// What was done, or why not, in a sentence.
  public var text: String
}

extension Decision {
  /// The event that this decision is, or why it cannot be made now. `hasFolder` says whether the set's folder is where the
  /// journal says that it is.
  func event(
    for delivery: Delivery, hasFolder: Bool, by person: String, now: Timestamp
  ) -> Result<DeliveryEvent, Refusal> {
    switch self {
    case .retry(let importAgain):
      hasFolder || delivery.filedPlace == nil
        ? retry(delivery, importAgain, person, now) : .failure(.folderGone(delivery))
    case .approve: approve(delivery, hasFolder, person, now)
    case .reject(let reason): reject(delivery, reason, person, now)
    case .discard: discard(delivery, hasFolder, person, now)
    }
  }

  /// Why a decision cannot be made.
  struct Refusal: Error {
    var outcome = DecisionResult.Outcome.refused
    var text: String

    /// The set's folder was removed by somebody else.
    fileprivate static func folderGone(_ delivery: Delivery) -> Refusal {
      Refusal(
        outcome: .notFound,
        text:
          "the set's folder in \(delivery.area.rawValue)/ is gone. Drop the set again if it is still wanted, and run "
          + (delivery.filedPlace == nil
            ? "'haplo-importd reject \(delivery.set) --reason TEXT' to give this one up"
            : "'haplo-importd discard \(delivery.set)' to forget this one"))
    }
  }

  private func retry(
    _ delivery: Delivery, _ importAgain: Bool, _ person: String, _ now: Timestamp
  ) -> Result<DeliveryEvent, Refusal> {
    guard delivery.filedPlace != nil else {
      let state = delivery.state(now: now)
      // Decided while the daemon was down: the journal has it, and the files follow at the next start.
      let isOnItsWay = state == .rejected || state == .held
      return .failure(
        Refusal(
          text: isOnItsWay
            ? "the set is \(state.rawValue), but \(Self.moving)"
            : "only held, rejected and archived sets can be retried; this set is \(state.rawValue)"
              + (state == .deferred ? " and is tried again by itself" : "")))
    }
    if delivery.needsImportAgain, !importAgain {
      let subject = delivery.heldInDoubt.map { "batch \($0) of this set" } ?? "the set"
      return .failure(
        Refusal(
          text: "\(subject) may have been scheduled, so a retry could import the set twice. Look for it "
            + "in the server's list of batch import jobs. If it is not there, run 'haplo-importd retry "
            + "--import-again \(delivery.set)'. With OutcomeKeyFile=, 'haplo-importd reconcile' looks for it")
      )
    }
    return .success(.retried(by: person, importAgain: importAgain))
  }

  private static let moving =
    "its folder is still to be moved, which the daemon or 'once' does first. Try again after that"

  private func approve(
    _ delivery: Delivery, _ hasFolder: Bool, _ person: String, _ now: Timestamp
  ) -> Result<DeliveryEvent, Refusal> {
    guard case .awaitingApproval = delivery.stage else {
      return .failure(
        Refusal(text: "the set does not await approval; it is \(delivery.state(now: now).rawValue)"))
    }
    guard hasFolder else { return .failure(.folderGone(delivery)) }
    return .success(.approved(by: person))
  }

  private func reject(
    _ delivery: Delivery, _ reason: String, _ person: String, _ now: Timestamp
  ) -> Result<DeliveryEvent, Refusal> {
    switch delivery.stage {
    case .inDoubt:
      return .failure(
        Refusal(text: "the set's batch may have been scheduled already; wait for the server's answer"))
    case .skipped:
      return .failure(Refusal(text: "the set was skipped: the server has the same bytes already"))
    case .scheduled, .finished: return .failure(Refusal(text: "the server has scheduled the set already"))
    case .rejected:
      return .failure(
        Refusal(
          text: "the set is rejected already; to delete it, run 'haplo-importd discard \(delivery.set)'"))
    case .discarding: return .failure(Refusal(text: "the set was discarded"))
    case .held(_, filed: false), .returning, .claiming: return .failure(Refusal(text: Self.moving))
    case .claimed, .prepared, .uploading, .held, .awaitingApproval:
      return .success(.rejected(reason: Reason("\(reason) (rejected by \(person))")))
    }
  }

  /// Files are deleted only of what was rejected; a held set is given up by `reject` first.
  private func discard(
    _ delivery: Delivery, _ hasFolder: Bool, _ person: String, _ now: Timestamp
  ) -> Result<DeliveryEvent, Refusal> {
    switch delivery.stage {
    case .rejected(_, filed: true): return .success(.discarded(by: person))
    case .held(_, filed: true) where !hasFolder: return .success(.discarded(by: person))
    case .held(_, filed: true):
      return .failure(
        Refusal(
          text: "only rejected sets can be discarded, and this set is on hold. Run 'haplo-importd reject "
            + "\(delivery.set) --reason TEXT' first"))
    case .rejected, .held: return .failure(Refusal(text: Self.moving))
    case .discarding: return .failure(Refusal(text: "the set was discarded already"))
    default:
      return .failure(
        Refusal(text: "only rejected sets can be discarded; this set is \(delivery.state(now: now).rawValue)")
      )
    }
  }
}

extension Delivery {
  /// The part of the spool in which the set's folder stands.
  var area: SpoolArea {
    switch stage {
    case .discarding(let place), .returning(let place): place.area
    default: filedPlace?.area ?? .work
    }
  }
}
