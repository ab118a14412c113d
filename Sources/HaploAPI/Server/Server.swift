public import ImportCore
public import ImportRuntime
import ImportSystem

/// One Haplo server as the couriers see it: asks one thing at a time on their behalf, keeps to the gate, and says what
/// the answer means.
public struct Server: Sendable {
  /// Its URL: what a batch and an intent belong to.
  public var url: String
  /// Asks.
  public var transport: any Transport
  /// Lets requests pass.
  public var gate: ServerGate

  public init(url: String, transport: any Transport, gate: ServerGate) {
    self.url = url
    self.transport = transport
    self.gate = gate
  }

  /// Sends a request once the gate lets it pass. A request that fails, or is answered by something else than the server, is
  /// compared with a probe, so that a set is never blamed for the server nor the server for a set. With `grace`, a request
  /// that is on its way when the task is cancelled gets so much time for its answer. `activity` begins when the request
  /// goes out; `onProgress` is called from the sending thread with the number of bytes sent.
  /// - Returns: what the answer means for the set; nil if the step is to be decided anew, because another configuration was
  ///   put in force before the request went out, or another server or key meanwhile and nothing was changed at the one before.
  /// - Throws: `CancellationError` if the task was cancelled and nothing conclusive came; a failure of the journal.
  public func ask(
    _ kind: ServerRequest.Kind, for set: SetID, grace: (Duration, any Time)? = nil,
    _ activity: () -> (Heartbeat.Activity, onProgress: @Sendable (Int64) -> Void)
  ) async throws -> ServerAnswer? {
    guard try await gate.enter(probe: { await probe() }) else { return nil }
    let (activity, onProgress) = activity()
    defer { activity.end() }
    let request = ServerRequest(kind) { sent in
      activity.progress()
      onProgress(sent)
    }
    let exchange = await perform(request, grace)
    let verdict = request.question.verdict(on: exchange)
    // A request that was cut by us says nothing about the server, but the gate must know that it has ended.
    guard !Task.isCancelled || verdict.isConclusive else {
      try await gate.leave(.nothing)
      throw CancellationError()
    }
    let answer = ServerAnswer(verdict: verdict, server: url, isUnsent: exchange.isUnsent)
    // The probe has this request's place, so that no other goes out before it is known whether all are concerned.
    let judged = try await judge(answer, exchange, of: request.question, for: set) { activity.progress() }
    let isInForce = try await gate.leave(verdict.sign, step: request.question.step)
    // A failure of the server before is none of the set's: it has no pause, and does not count towards being held.
    return isInForce || !verdict.changesNothing ? judged : nil
  }

  /// Says whom a failure or a foreign answer concerns.
  private func judge(
    _ answer: ServerAnswer, _ exchange: Exchange, of question: Question, for set: SetID,
    beforeProbe: () -> Void
  ) async throws -> ServerAnswer {
    guard !answer.verdict.isConclusive, !exchange.isOfLimiter else { return answer }
    guard await gate.mayCompare else { return await gate.isStopped ? answer.concerningServer : answer }
    beforeProbe()
    let scope = try await gate.compare(
      with: await probe(), question.culprit(of: set), failedAt: question.step)
    return scope == .server ? answer.concerningServer : answer.alone(scope == .request)
  }

  private func perform(_ request: ServerRequest, _ grace: (Duration, any Time)?) async -> Exchange {
    guard let (duration, time) = grace else { return await transport.perform(request) }
    return await shielded(grace: duration, time) { [transport] in await transport.perform(request) }
  }

  /// Asks for a batch of a control file that nobody has: `Control file not found` proves URL, key, permission and
  /// plugin, and creates nothing.
  func probe() async -> ServerSign {
    let request = ServerRequest(.batch(control: .ofNothing, comment: nil))
    return request.question.verdict(on: await transport.perform(request)).sign
  }
}

/// What an answer means, and what else is known about the request.
public struct ServerAnswer: Sendable {
  public var verdict: Verdict
  /// URL of the server that was asked.
  public var server: String
  /// True if nothing of the request left this machine.
  public var isUnsent: Bool
  /// True if the server accepts other requests meanwhile, so that a failure is this set's own.
  public var isAlone = false

  /// The answer, known to concern all requests.
  var concerningServer: ServerAnswer {
    guard case .foreign(let foreign) = verdict else { return self }
    return ServerAnswer(verdict: foreign.concerningServer, server: server, isUnsent: isUnsent)
  }

  func alone(_ isAlone: Bool) -> ServerAnswer {
    var answer = self
    answer.isAlone = isAlone
    return answer
  }
}

extension Exchange {
  fileprivate var isUnsent: Bool {
    switch self {
    case .answered(_, let sent), .failed(_, let sent, _): sent == .nothing
    }
  }

  fileprivate var isOfLimiter: Bool {
    if case .answered(let answer, _) = self { answer.isOfLimiter } else { false }
  }
}

extension Question {
  /// What may be the cause of a failure: the bytes of a control file, which several sets can share, or the set.
  fileprivate func culprit(of set: SetID) -> String {
    if case .control(let digest) = self { digest.hex } else { set.text }
  }
}

extension Verdict {
  /// True if the server's own answer was understood, so that it counts even while the program is ending.
  var isConclusive: Bool {
    switch self {
    case .done, .alreadyScheduled, .controlMissing, .batchGone, .reject, .hold, .wrongDigest, .stop: true
    case .again, .newBatch, .foreign: false
    }
  }

  /// True if nothing was changed at the server, and nothing is known of the set.
  fileprivate var changesNothing: Bool {
    switch self {
    case .again: true
    case .foreign(let answer): !answer.batchLost
    default: false
    }
  }

  /// What the answer tells about the server as a whole.
  var sign: ServerSign {
    switch self {
    case .done, .alreadyScheduled, .controlMissing: .accepted
    case .batchGone, .reject, .hold, .wrongDigest: .answered
    case .again(let reason, _), .newBatch(let reason, _): .failed(reason)
    case .foreign(let answer): .foreign(answer.reason)
    case .stop(let cause, let reason, _): .stopped(cause, reason)
    }
  }
}
