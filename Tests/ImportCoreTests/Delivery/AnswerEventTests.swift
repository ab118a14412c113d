import ImportCore
import Testing

/// Which events follow from an answer (what those do to a set is in `TransitionTests`).
@Suite struct AnswerEventTests {
  private static let reason = Invented.reason
  private static let batch = Invented.batch
  private static let schedule = DeliveryStep.schedule(batch: batch, mode: .import)

  private func events(
    _ verdict: Verdict, _ step: DeliveryStep, isAlone: Bool = false, isFirstCall: Bool = false,
    after earlier: [DeliveryEvent] = Invented.untilIntended
  ) throws -> [DeliveryEvent] {
    let answered = AnsweredStep(
      try Invented.delivery().after(earlier), step, server: "s", isAlone: isAlone, isFirstCall: isFirstCall)
    return answered.events(after: verdict) { asked in
      Invented.start.advanced(by: asked ?? .seconds(7))
    }
  }

  private func failed(_ seconds: Int = 7, alone: Bool = false) -> DeliveryEvent {
    .attemptFailed(reason: Self.reason, next: Invented.start.advanced(by: .seconds(seconds)), alone: alone)
  }

  @Test(
    arguments: [
      (.uploadControl, "x", .controlUploaded(shared: false)),
      (.createBatch, batch.text, .batchCreated(batch: batch, server: "s")),
      (.uploadFile(key: "a", batch: batch), "x", .fileUploaded(key: "a")),
      (schedule, "SCHEDULED", .scheduled(repeated: false)),
    ] as [(DeliveryStep, String, DeliveryEvent)])
  func `a success is the event of its step`(step: DeliveryStep, text: String, event: DeliveryEvent) throws {
    #expect(try events(.done(text: text), step) == [event])
  }

  @Test func `a failure is repeated when the server asks, and says whether the set fails alone`() throws {
    #expect(try events(.again(Self.reason, after: .seconds(3)), Self.schedule) == [failed(3)])
    #expect(
      try events(.again(Self.reason, after: nil), Self.schedule, isAlone: true) == [failed(alone: true)])
    #expect(
      try events(.newBatch(Self.reason, after: nil), .createBatch)
        == [.batchAbandoned(reason: Self.reason), failed()])
  }

  @Test func `a batch that is scheduled already is proven by its state, but not on a first call`() throws {
    #expect(try events(.alreadyScheduled, Self.schedule) == [.scheduled(repeated: true)])
    guard case .held(let reason)? = try events(.alreadyScheduled, Self.schedule, isFirstCall: true).first
    else {
      return #expect(Bool(false))
    }
    #expect(reason.text.contains(Self.batch.text) && reason.step == .schedule && reason.http == 400)
  }

  /// Rows: whether the batch may be lost, whether no repetition helps, and what follows for the set.
  @Test(
    arguments: [(false, false), (true, false), (false, true)])
  func `a foreign answer to one request defers its set, or holds it where no repetition helps`(
    batchLost: Bool, isPermanent: Bool
  ) throws {
    let answer = Answer(status: isPermanent ? 431 : 403, mediaType: "text/html", body: "x")
    let question = batchLost ? Verdicts.file : Verdicts.create
    let verdict = question.verdict(on: .answered(answer, sent: .whole))
    let events = try events(verdict, .createBatch, isAlone: true).map(\.name)
    #expect(
      events
        == (isPermanent ? ["held"] : batchLost ? ["batchAbandoned", "attemptFailed"] : ["attemptFailed"]))
  }

  @Test func `a server that forgot a control file at once gets time`() throws {
    let step = DeliveryStep.createBatch
    #expect(try events(.controlMissing, step, after: [.claimed, Invented.inspected]) == [.controlMissed])
    let again = try events(
      .controlMissing, step,
      after: [.claimed, Invented.inspected, .controlMissed, .controlUploaded(shared: false)])
    #expect(again.map(\.name) == ["controlMissed", "attemptFailed"])
  }

  @Test func `a known batch is refused with a reason that names it`() throws {
    guard case .attemptFailed(let reason, _, false)? = try events(.knownBatch(Self.batch), .createBatch).first
    else {
      return #expect(Bool(false))
    }
    #expect(reason.text.contains(Self.batch.text) && reason.remedy?.contains("cache") == true)
  }
}
