/// Brings one request from its first header to its answer. Only its connection's thread touches it.
final class Exchange {
  private let head: RequestHead
  private let core: Core
  private let endpoint: Endpoint
  private var admin: AdminRequest?
  private var number = 0
  private var plan = FaultPlan([])
  private var body = RequestBody.ignored
  private var received: Int64 = 0
  private var hasPlace = false
  private var isRecorded = true

  init(_ head: RequestHead, _ core: Core) {
    self.head = head
    self.core = core
    endpoint = Endpoint(path: head.path)
  }

  /// Looks at the headers. Refusals come from here, before the body is read.
  func begin() -> Reply {
    if head.path.hasPrefix(AdminRequest.folder) {
      admin = AdminRequest(head)
      return .proceed
    }
    guard core.gate.enter() else { return .cut }
    hasPlace = true
    isRecorded = false
    (number, plan) = core.begin(endpoint, head)
    guard pause(core.options.latency + plan.latency), pause(plan.stall(at: .headers)) else { return cut() }
    if plan.cutAfter == 0 { return cut() }
    if let early = plan.answer(at: .headers) ?? core.refusal(of: head, endpoint) { return conclude(early) }
    body = RequestBody(
      of: head, wantsContent: endpoint == .step(.control),
      keepIn: endpoint.step == nil ? nil : core.options.keepDirectory)
    core.silence.heard(self, on: head.socket)
    return .proceed
  }

  /// Takes a piece of the body.
  func take(_ piece: UnsafeRawBufferPointer) -> Reply {
    if admin != nil {
      admin?.body.consume(piece)
      return .proceed
    }
    received += Int64(piece.count)
    if let limit = plan.cutAfter, received >= limit { return cut() }
    core.silence.heard(self, on: head.socket)
    body.consume(piece)
    return .proceed
  }

  /// Does the work after the whole body came.
  func finish() -> Reply {
    if let admin { return .answer(admin.answer(core)) }
    core.silence.forget(self)
    guard pause(plan.stall(at: .body)) else { return cut() }
    return conclude(plan.answer(at: .body) ?? ownAnswer())
  }

  private func ownAnswer() -> HTTPAnswer {
    switch endpoint {
    case .step(let step): core.answer(to: head, step, body.read(), plan)
    case .page(let page): core.answer(to: head, page, plan)
    case .other: Answers.notFound
    }
  }

  /// Clears up after the answer was sent or the connection broke.
  func end() {
    core.silence.forget(self)
    if !isRecorded { record(nil) }
    if hasPlace { core.gate.leave() }
  }

  private func conclude(_ own: HTTPAnswer) -> Reply {
    guard pause(plan.stall(at: .end)), !plan.drops else { return cut() }
    var answer = plan.answer(at: .end) ?? own
    if plan.hasWrongDigest, answer.status == 200 { answer.body = Self.otherDigest(answer.body) }
    record(answer)
    return plan.halves ? .half(answer) : .answer(answer)
  }

  private func cut() -> Reply {
    core.silence.forget(self)
    record(nil)
    return .cut
  }

  private func record(_ answer: HTTPAnswer?) {
    isRecorded = true
    let request = SimulatorRecord.Request(
      number: number, endpoint: endpoint, method: head.method, path: head.path, address: head.address,
      received: received, status: answer?.status, answer: answer.map { String($0.body.prefix(200)) },
      faults: plan.faults.map(\.text))
    core.update { $0.end(request) }
  }

  /// Waits; false when the simulator stopped or the client went away meanwhile.
  private func pause(_ time: Duration?) -> Bool {
    guard let time, time > .zero else { return true }
    return core.latch.wait(time, watching: head.socket)
  }

  /// Another text of the same form: each digit is replaced by its complement.
  private static func otherDigest(_ digest: String) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let other = digest.utf8.map { byte in hexDigit(byte).map { digits[15 - Int($0)] } ?? byte }
    return String(decoding: other, as: UTF8.self)
  }
}
