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
}
