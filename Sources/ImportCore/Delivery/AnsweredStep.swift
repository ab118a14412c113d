/// A request of a set that was answered, with all that decides which events follow.
public struct AnsweredStep: Sendable {
  /// The set as it was when the step was decided.
  public var delivery: Delivery
  /// The step whose request it was.
  public var step: DeliveryStep
  /// URL of the server that was asked.
  public var server: String
  /// True if the server accepts other requests meanwhile, so that a failure is this set's own.
  public var isAlone: Bool
  /// True if no earlier call to schedule this batch can have been received.
  public var isFirstCall: Bool

  /// Takes all members; nothing else is known of the request by default.
  public init(
    _ delivery: Delivery, _ step: DeliveryStep, server: String, isAlone: Bool = false,
    isFirstCall: Bool = false
  ) {
    self.delivery = delivery
    self.step = step
    self.server = server
    self.isAlone = isAlone
    self.isFirstCall = isFirstCall
  }

  /// The events that follow from the answer, in the order in which they are recorded. `retryTime` returns when a failed step
  /// is repeated, given what the server asks for. Where a batch is abandoned, the next one waits as long as any other
  /// repetition.
  public func events(after verdict: Verdict, retryTime: (Duration?) -> Timestamp) -> [DeliveryEvent] {
    func failed(_ reason: Reason, _ asked: Duration?) -> DeliveryEvent {
      .attemptFailed(reason: reason, next: retryTime(asked), alone: isAlone)
    }
    switch verdict {
    case .done(let text): return [success(text)]
    case .alreadyScheduled where isFirstCall: return [.held(reason: .scheduledByOthers(delivery.batch))]
    case .alreadyScheduled: return [.scheduled(repeated: true)]
    case .controlMissing:
      // A server that no longer has what it accepted a moment ago gets time before the file is sent again.
      return [.controlMissed] + (delivery.controlUploads > 0 ? [failed(.controlForgotten, nil)] : [])
    case .again(let reason, let after): return [failed(reason, after)]
    case .newBatch(let reason, let after): return [.batchAbandoned(reason: reason), failed(reason, after)]
    case .batchGone(let reason): return [.batchAbandoned(reason: reason), failed(reason, nil)]
    case .wrongDigest(let reason): return [.digestDiffered(reason: reason), failed(reason, nil)]
    case .reject(let reason): return [.rejected(reason: reason)]
    case .hold(let reason): return [.held(reason: reason)]
    case .foreign(let answer): return events(after: answer.concerningRequest, retryTime: retryTime)
    case .stop(_, let reason, let batchLost): return batchLost ? [.batchAbandoned(reason: reason)] : []
    }
  }

  /// Replaces a last failed attempt that reaches a limit by holding the set: no attempt follows it, so none
  /// is counted or announced.
  public func holdingAtLimit(_ events: [DeliveryEvent], now: Timestamp, holdAfter: Duration)
    -> [DeliveryEvent]
  {
    guard case .attemptFailed? = events.last else { return events }
    var after = delivery
    do throws(Contradiction) {
      for event in events { try after.apply(event, at: now) }
    } catch {
      return events  // whoever records them finds the same
    }
    guard case .hold(let reason)? = after.nextStep(now: now, holdAfter: holdAfter) else { return events }
    return events.dropLast() + [.held(reason: reason)]
  }

  private func success(_ text: String) -> DeliveryEvent {
    switch step {
    case .uploadControl: return .controlUploaded(shared: false)
    case .uploadFile(let key, _): return .fileUploaded(key: key)
    case .schedule: return .scheduled(repeated: false)
    case .createBatch:
      guard let batch = BatchID(text) else {
        preconditionFailure("the verdict has checked the name '\(text)'")
      }
      return .batchCreated(batch: batch, server: server)
    default: preconditionFailure("no request belongs to the step \(step)")
    }
  }
}

extension Verdict {
  /// The verdict on a batch whose id belongs to another one: something in between returns old answers.
  public static func knownBatch(_ batch: BatchID) -> Verdict {
    .again(
      Reason(
        "the server returned the id of an earlier batch, \(batch); a new batch is created",
        remedy: "check whether a proxy in front of the server caches answers to POST requests", step: .batch,
        http: 200), after: nil)
  }
}

extension Reason {
  /// The set that got the id first gives it up too: the batch can have been made for the other's control file.
  public static func batchOfTwoSets(_ batch: BatchID) -> Reason {
    Reason(
      "the server returned the id of this batch, \(batch), to another set as well; a new batch is created",
      remedy: "check whether a proxy in front of the server caches answers to POST requests", step: .batch,
      http: 200)
  }

  static let controlForgotten = Reason(
    "the server does not have the control file that it accepted before", step: .batch, http: 400)

  static func scheduledByOthers(_ batch: BatchID?) -> Reason {
    Reason(
      "Batch \(batch?.text ?? "") is not in the 'uploading' state, although this was the first call to schedule it",
      remedy:
        "check the server's list of batch import jobs: another client, or an answer from a proxy's cache, may have "
        + "used this batch, and it may hold other files than this set's", step: .schedule, http: 400)
  }
}

/// An answer with its count. Texts are not compared, for pages of proxies have a number of their own each time.
public struct RepeatedAnswer: Hashable, Codable, Sendable {
  /// The step that got it.
  public var step: ServerStep
  /// The data file's key, for the step `file`.
  public var key: String?
  /// HTTP status.
  public var http: Int
  /// How often it came while the server accepted other requests.
  public var count: Int

  /// Counts one more answer; nil for a failure without an answer.
  init?(_ reason: Reason, after last: RepeatedAnswer?) {
    guard let step = reason.step, let http = reason.http else { return nil }
    (self.step, key, self.http) = (step, reason.key, http)
    let isSame = last.map { $0.step == step && $0.key == reason.key && $0.http == http } ?? false
    count = isSame ? last!.count + 1 : 1
  }
}
