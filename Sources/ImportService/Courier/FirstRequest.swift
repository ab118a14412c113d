import ImportCore
import ImportSystem
import Synchronization

/// What a set asks the server first, to create its batch, made ready while the set is being taken. It goes out at the moment at which the set
/// stands in `work/`, and its courier finds it under way (docs/decisions/0015-the-first-request-is-ready.md).
final class FirstRequest: Sendable {
  let set: SetID
  let goAhead: GoAhead
  private let control: SHA256Digest
  private let comment: String?
  /// The version of the settings by which it was decided.
  private let settings: UInt64
  private let outcome = Eventual<Result<Verdict?, any Error>>()
  private let isTaken = Atomic(false)

  /// Describes a request to create a batch. `settings` is the version by which that was decided.
  init(
    of set: SetID, control: SHA256Digest, comment: String?, by settings: UInt64, once goAhead: GoAhead
  ) {
    self.set = set
    self.goAhead = goAhead
    self.control = control
    self.comment = comment
    self.settings = settings
  }

  /// Makes it ready and asks, if the settings by which it was decided are in force; returns when that is over, however it ended.
  /// Throws if the journal has failed.
  func run(_ current: CurrentSettings) async throws {
    do {
      outcome.settle(.success(try await ask(current)))
    } catch {
      outcome.settle(.failure(error))
      if error is CancellationError { return }
      throw error
    }
  }

  private func ask(_ current: CurrentSettings) async throws -> Verdict? {
    try await current.server?.ask(.batch(control: control, comment: comment), for: set, once: goAhead) {
      [changes = current.changes, settings] in changes.version == settings
    }
  }

  /// What the answer means, for who would ask just that by these settings, once; nil if something else is asked, for which this
  /// request is ended, or if nothing was asked. Cancelling the task ends the request.
  func verdict(on kind: ServerRequest.Kind, by version: UInt64) async throws -> Verdict? {
    guard case .batch(control, comment) = kind, version == settings else {
      abandon()
      return nil
    }
    guard isFirst else { return nil }
    return try await withTaskCancellationHandler {
      try await outcome.value.get()
    } onCancel: {
      goAhead.refuse()
    }
  }
}

extension FirstRequest {
  /// Ends the request if nobody waits for its answer yet; then nobody will.
  func abandon() {
    if isFirst { goAhead.refuse() }
  }

  private var isFirst: Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }
}

extension Courier {
  /// What this set will ask first when it stands in `work/` and was read as `manifest` says, if that is to create a batch and
  /// nothing keeps it from asking; to be asked once the beginning of its claim is recorded.
  func firstRequest(_ manifest: Manifest, by version: UInt64, once goAhead: GoAhead) async -> FirstRequest? {
    guard var delivery = context.journal.delivery(set) else { return nil }
    let now = context.time.now
    do {
      for event in [.claimed, .inspected(manifest: manifest)] as [DeliveryEvent] {
        try delivery.apply(event, at: now)
      }
    } catch {
      return nil
    }
    guard case .createBatch = nextStep(of: delivery, at: now), await objection(delivery) == nil,
      context.settings.changes.version == version
    else { return nil }
    return FirstRequest(
      of: set, control: manifest.control.sha256, comment: comment(delivery) { $0.comment }, by: version,
      once: goAhead)
  }
}
