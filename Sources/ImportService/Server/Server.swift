import ImportCore
import ImportSystem

/// One Haplo server as the couriers see it: asks one thing at a time on their behalf, keeps to the gate, and says what
/// the answer means.
struct Server: Sendable {
  /// Its URL: what a batch and an intent belong to.
  var url: String
  /// Asks.
  var transport: any Transport
  /// Lets requests pass.
  var gate: ServerGate

  /// Asks once the gate lets it pass, and returns what the answer means for the set; nil, and the step is to be decided anew, if
  /// another server or key was put in force meanwhile, which `isCurrent` denies then, and nothing was changed at the one before. Throws if the task was cancelled
  /// and nothing conclusive came. `activity` is begun when the request goes out; what stands beside it is told from the sending thread how many bytes
  /// are on their way. With `grace`, a request that is on its
  /// way when the task is cancelled gets so much time for its answer.
  func ask(
    _ kind: ServerRequest.Kind, for set: SetID, grace: (Duration, any Time)? = nil,
    isCurrent: @Sendable () -> Bool,
    _ activity: () -> (Heartbeat.Activity, onProgress: @Sendable (Int64) -> Void)
  ) async throws -> Verdict? {
    guard let pass = try await gate.enter(isCurrent: isCurrent, probe: { await probe() }) else { return nil }
    let (activity, onProgress) = activity()
    defer { activity.end() }
    let request = ServerRequest(kind) { sent in
      activity.progress()
      onProgress(sent)
    }
    let exchange = await perform(request, grace)
    let verdict = request.question.verdict(on: exchange)
    // A request that was cut by us says nothing about the server, but the gate must know that it has ended.
    let wasCut = Task.isCancelled && !verdict.isConclusive
    let isInForce = try await gate.leave(wasCut ? .nothing : verdict.sign, set: set, pass)
    if wasCut { throw CancellationError() }
    // A failure of the server before is none of the set's: it has no pause, and does not count towards being held.
    if case .again = verdict, !isInForce { return nil }
    return verdict
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

extension Verdict {
  /// True if the server's own answer was understood, so that it counts even while the program is ending.
  var isConclusive: Bool {
    switch self {
    case .done, .alreadyScheduled, .controlMissing, .batchGone, .reject, .hold, .wrongDigest, .stop: true
    case .again, .newBatch: false
    }
  }

  /// What the answer tells about the server as a whole.
  var sign: ServerSign {
    switch self {
    case .done, .alreadyScheduled, .controlMissing: .accepted
    case .batchGone, .reject, .hold, .wrongDigest: .answered
    case .again(let reason, _), .newBatch(let reason, _): .failed(reason)
    case .stop(let cause, let reason, _): .stopped(cause, reason)
    }
  }
}
