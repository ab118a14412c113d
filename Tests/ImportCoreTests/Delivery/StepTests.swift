import ImportCore
import Testing

/// What is to be done next, for each stage and at each limit.
@Suite struct StepTests {
  private static let reason = Invented.reason

  private func failed(after duration: Duration, alone: Bool = false) -> DeliveryEvent {
    .attemptFailed(reason: Self.reason, next: Invented.start.advanced(by: duration), alone: alone)
  }

  @Test(
    arguments: [
      ([], .finishClaim, .claimed),
      ([.claimed], .inspect, .claimed),
      ([.claimed, Invented.inspected], .createBatch, .claimed),
      ([.claimed, Invented.inspected, .controlMissed], .uploadControl, .claimed),
      (
        [.claimed, Invented.inspected, .controlMissed, .controlUploaded(shared: false)], .createBatch,
        .claimed
      ),
      (Invented.untilBatch, .uploadFile(key: "a", batch: Invented.batch), .uploading),
      (
        Invented.untilBatch + [.fileUploaded(key: "a")], .uploadFile(key: "b", batch: Invented.batch),
        .uploading
      ),
      (
        Invented.untilBatch + [.fileUploaded(key: "b")], .uploadFile(key: "a", batch: Invented.batch),
        .uploading
      ),
      (Invented.untilUploaded, .intendSchedule(batch: Invented.batch), .uploading),
      (Invented.untilIntended, .schedule(batch: Invented.batch, mode: .import), .scheduling),
      (Invented.untilIntended + [.scheduled(repeated: true)], .archive, .scheduled),
      (Invented.untilIntended + [.scheduled(repeated: false), .archived], nil, .archived),
      ([.claimed, .rejected(reason: reason)], .moveToRejected(reason: reason), .rejected),
      ([.claimed, .rejected(reason: reason), .filed], nil, .rejected),
      ([.claimed, .held(reason: reason)], .moveToHeld(reason: reason), .held),
      ([.claimed, .held(reason: reason), .filed], nil, .held),
    ] as [([DeliveryEvent], DeliveryStep?, SetState)])
  func `each stage has one next step and one state`(
    events: [DeliveryEvent], step: DeliveryStep?, state: SetState
  ) throws {
    let delivery = try Invented.delivery().after(events)
    #expect(delivery.next == step)
    #expect(delivery.state(now: Invented.start) == state)
  }

  @Test(arguments: [[], [.claimed], Invented.untilBatch, Invented.untilUploaded, Invented.untilIntended])
  func `a failed step is repeated when its time has come`(events: [DeliveryEvent]) throws {
    let delivery = try Invented.delivery().after(events)
    let waiting = try delivery.after(failed(after: .seconds(9)))
    let next = Invented.start.advanced(by: .seconds(9))
    #expect(waiting.next == .wait(until: next))
    #expect(waiting.state(now: Invented.start) == .deferred)
    #expect(waiting.reason == Self.reason)
    #expect(waiting.nextStep(now: next, holdAfter: Invented.day) == delivery.next)
    #expect(waiting.state(now: next) == delivery.state(now: next))
  }

  @Test func `the end of a deferral forgets its reason`() throws {
    let waiting = try Invented.delivery().after(Invented.untilBatch + [failed(after: .seconds(9))])
    let uploaded = try waiting.after(.fileUploaded(key: "a"))
    #expect(uploaded.reason == nil)
    #expect(uploaded.deferral == nil)
  }

  @Test func `a clock that was set back ends a deferral`() throws {
    let waiting = try Invented.delivery().after(Invented.untilBatch + [failed(after: .seconds(9))])
    let lastYear = Invented.start.advanced(by: Invented.day * -365)
    #expect(
      waiting.nextStep(now: lastYear, holdAfter: Invented.day) == .uploadFile(key: "a", batch: Invented.batch)
    )
    #expect(waiting.state(now: lastYear) == .uploading)
  }

  @Test func `the longest delay is still waited for`() throws {
    let waiting = try Invented.delivery().after(Invented.untilBatch + [failed(after: Backoff.longest)])
    #expect(waiting.next == .wait(until: Invented.start.advanced(by: Backoff.longest)))
  }

  @Test(
    arguments: [
      ([.scheduled(repeated: false)], .archive), ([.held(reason: reason)], .moveToHeld(reason: reason)),
    ] as [([DeliveryEvent], DeliveryStep)])
  func `what is local does not wait for the server`(events: [DeliveryEvent], step: DeliveryStep) throws {
    let waiting = try Invented.delivery().after(Invented.untilIntended + [failed(after: .seconds(300))])
    #expect(try waiting.after(events).next == step)
  }

  @Test func `one that alone has failed for long enough is given to a person`() throws {
    let alone = try Invented.delivery().after(Invented.untilBatch + [failed(after: .seconds(1), alone: true)])
    let later = Invented.start.advanced(by: Invented.day)
    let almost = later.advanced(by: .seconds(-1))
    #expect(
      alone.nextStep(now: almost, holdAfter: Invented.day) == .uploadFile(key: "a", batch: Invented.batch))
    guard case .hold(let reason) = alone.nextStep(now: later, holdAfter: Invented.day) else {
      Issue.record("not held")
      return
    }
    #expect(reason.text == Self.reason.text)
    #expect(reason.http == 503)
    #expect(reason.remedy != nil)
  }

  @Test func `one that alone fails in doubt is held with the batch that may be scheduled`() throws {
    let alone = try Invented.delivery().after(
      Invented.untilIntended + [failed(after: .seconds(1), alone: true)])
    let later = Invented.start.advanced(by: Invented.day)
    guard case .hold(let reason) = alone.nextStep(now: later, holdAfter: Invented.day) else {
      Issue.record("not held")
      return
    }
    let held = try alone.after(.held(reason: reason))
    #expect(held.heldInDoubt == Invented.batch)
    #expect(held.orphans.isEmpty)
  }

  @Test func `a server that is down for all does not count against the set`() throws {
    let events = [failed(after: .seconds(1), alone: true), failed(after: .seconds(1), alone: false)]
    let delivery = try Invented.delivery().after(Invented.untilBatch + events)
    let later = Invented.start.advanced(by: Invented.day * 30)
    #expect(
      delivery.nextStep(now: later, holdAfter: Invented.day) == .uploadFile(key: "a", batch: Invented.batch))
  }

  @Test func `the patience with one set is counted from its first lonely failure`() throws {
    let half = Invented.start.advanced(by: Invented.day / 2)
    let delivery = try Invented.delivery().after(Invented.untilBatch)
      .after(failed(after: .seconds(1), alone: true), at: Invented.start)
      .after(failed(after: .seconds(1), alone: true), at: half)
    #expect(delivery.failingAloneSince == Invented.start)
  }

  @Test func `a clock that was set back does not stretch the patience`() throws {
    let lastYear = Invented.start.advanced(by: Invented.day * -365)
    let delivery = try Invented.delivery().after(Invented.untilBatch)
      .after(failed(after: .seconds(1), alone: true), at: Invented.start)
      .after(failed(after: .seconds(1), alone: true), at: lastYear)
    let later = lastYear.advanced(by: Invented.day)
    guard case .hold = delivery.nextStep(now: later, holdAfter: Invented.day) else {
      Issue.record("not held")
      return
    }
  }

  @Test func `no patience at all and endless patience are both possible`() throws {
    let alone = try Invented.delivery().after(Invented.untilBatch + [failed(after: .seconds(1), alone: true)])
    let ever = Invented.start.advanced(by: Invented.day * 3650)
    guard case .hold = alone.nextStep(now: Invented.start, holdAfter: .zero) else {
      Issue.record("not held")
      return
    }
    #expect(
      alone.nextStep(now: ever, holdAfter: .seconds(Int64.max / 2))
        == .uploadFile(key: "a", batch: Invented.batch))
  }
}
