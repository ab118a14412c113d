extension Core {
  /// Does the work of a request that was let in, in the order in which the server does it: the body, the
  /// parameters, the permission, the step itself.
  func answer(to head: RequestHead, _ step: Step, _ body: BodyReading, _ plan: FaultPlan) -> HTTPAnswer {
    guard head.method == "POST" else { return Answers.notFound }
    if head.isMultipart, step == .batch || step == .schedule { return Answers.internalError }
    switch body {
    case .broken: return Answers.internalError
    case .valueTooLong: return Answers.sizeLimit
    case .parameters(let parameters):
      guard isValid(parameters, for: step) else { return Answers.failedValidation }
      return plan.isNotPermitted ? Answers.notPermitted : perform(step, parameters, plan)
    }
  }

  private func isValid(_ parameters: Parameters, for step: Step) -> Bool {
    switch step {
    case .control: parameters.files["file"] != nil
    case .batch: parameters.text("control") != nil
    case .file:
      parameters.text("batch") != nil && parameters.text("name") != nil && parameters.files["file"] != nil
    case .schedule: parameters.text("batch") != nil
    }
  }

  private func perform(_ step: Step, _ parameters: Parameters, _ plan: FaultPlan) -> HTTPAnswer {
    switch step {
    case .control: control(parameters.files["file"]!, comment: parameters.text("comment"))
    case .batch: batch(parameters.text("control")!, comment: parameters.text("comment"))
    case .file: file(parameters.files["file"]!, name: parameters.text("name")!, parameters.text("batch")!)
    case .schedule: schedule(parameters.text("batch")!, mode: parameters.text("mode"), plan)
    }
  }

  private func control(_ file: ReceivedFile, comment: String?) -> HTTPAnswer {
    guard let content = file.content else { return Answers.notJSON }
    let check = ControlFileCheck(models: options.models, readers: options.readers)
    if let refusal = check.refusal(of: content) { return refusal }
    update { $0.keepControl(file, comment: comment) }
    return Answers.plain(file.digest)
  }

  private func batch(_ control: String, comment: String?) -> HTTPAnswer {
    let batch = update { $0.createBatch(control: control, comment: comment) }
    return batch.map { Answers.plain($0.id) } ?? Answers.controlNotFound(control)
  }

  /// Reads the batch's list of files, changes it, and writes it back without a lock between, as the server does:
  /// of files that arrive at the same time some are lost, though every answer is 200.
  private func file(_ received: ReceivedFile, name: String, _ batch: String) -> HTTPAnswer {
    guard let before = update({ $0.files(of: batch) }) else { return Answers.batchNotFound(batch) }
    let file = SimulatorRecord.File(
      name: name, filename: received.filename, digest: received.digest, size: received.size)
    _ = latch.wait(options.listDelay)
    update { $0.setFiles(of: batch, to: before, adding: file) }
    return Answers.plain(received.digest)
  }

  private func schedule(_ batch: String, mode: String?, _ plan: FaultPlan) -> HTTPAnswer {
    let now = options.clock()
    return switch update({ $0.schedule(batch, mode: mode, plan, now: now) }) {
    case .jobLost: Answers.internalError
    case .scheduled: Answers.scheduled
    case .notUploading: Answers.notUploading(batch)
    case .notFound: Answers.batchNotFound(batch)
    }
  }

  /// Answers a request for one of the pages that was let in.
  func answer(to head: RequestHead, _ page: OutcomePage, _ plan: FaultPlan) -> HTTPAnswer {
    guard head.method == "GET" else { return Answers.notFound }
    if plan.isNotPermitted { return html(BatchPages.notPermitted, plan) }
    switch page {
    case .list: return list(plan)
    case .batch: return batch(head, plan)
    }
  }

  private func list(_ plan: FaultPlan) -> HTTPAnswer {
    let batches = update { $0.knownBatches }
    return html(plan.hasUnknownMarkup ? BatchPages.unknownMarkup(batches) : BatchPages.list(batches), plan)
  }

  private func batch(_ head: RequestHead, _ plan: FaultPlan) -> HTTPAnswer {
    let number = OutcomePage.batchNumber(in: head.path)
    guard let number, let batch = update({ $0.knownBatch(number) }) else { return Answers.failedValidation }
    let log = plan.logSize.map(JobLog.large) ?? JobLog.text(of: batch)
    let text = plan.hasUnknownMarkup ? BatchPages.unknownMarkup([batch]) : BatchPages.batch(batch, log: log)
    var answer = html(text, plan)
    if let session = update({ $0.openSession(cookies: head.cookies) }) {
      // A client does not send a cookie back over plain http if it is marked as secure.
      answer.headers["Set-Cookie"] = "s=\(session); path=/; HttpOnly" + (options.tls == nil ? "" : "; secure")
    }
    return answer
  }

  private func html(_ text: String, _ plan: FaultPlan) -> HTTPAnswer {
    let body = plan.pageLimit.map { String(decoding: text.utf8.prefix($0(text.utf8.count)), as: UTF8.self) }
    return HTTPAnswer(status: 200, mediaType: "text/html; charset=utf-8", body: body ?? text)
  }

  /// Counts a request and lets those faults happen that change the server itself.
  func begin(_ endpoint: Endpoint, _ head: RequestHead) -> (number: Int, plan: FaultPlan) {
    let now = options.clock()
    return update { world in
      let (number, faults) = world.begin(endpoint, path: head.path)
      let scope: KeyScope = endpoint.page == nil ? .api : .pages
      for fault in faults { world.suffer(fault.kind, scope, address: head.address, now: now) }
      return (number, FaultPlan(faults))
    }
  }

  /// Looks at what the server looks at before it reads a body; nil lets the request in.
  func refusal(of head: RequestHead, _ endpoint: Endpoint) -> HTTPAnswer? {
    if head.headerSize > 8 * 1024 { return Answers.headersTooLarge }
    guard let host = head.hostName, options.hostNames.contains(host) else { return Answers.notFound }
    if options.requiresHTTPS, options.tls == nil { return redirectionToHTTPS(head) }
    guard let key = Door.key(in: head.authorization) else {
      if head.path.hasPrefix("/do/") { return Answers.login }
      return endpoint.step != nil && head.method == "POST" ? Answers.unauthorised : nil
    }
    let now = options.clock()
    let refusal = update { $0.door.judge(key: key, path: head.path, from: head.address, now: now) }
    return refusal.map { Answers.refused($0, isMultipart: head.isMultipart) }
  }

  private func redirectionToHTTPS(_ head: RequestHead) -> HTTPAnswer {
    if head.isMultipart { return Answers.internalError }
    var answer = Answers.page("Moved", status: 302)
    answer.headers["Location"] = "https://\(head.host ?? "localhost")\(head.path)"
    return answer
  }
}

extension World {
  fileprivate mutating func suffer(_ kind: Fault.Kind, _ scope: KeyScope, address: String, now: Duration) {
    switch kind {
    case .revoke: door.revoke(scope)
    case .block: door.blockUser(of: scope)
    case .throttle: door.close(to: address, now: now)
    case .forget: forgetBatches()
    case .forgetControls: forgetControls()
    case .answer, .drop, .cut, .stall, .latency, .half, .wrongDigest, .notPermitted, .job, .loseJob,
      .unknownMarkup, .largeLog, .truncated:
      break
    }
  }
}
