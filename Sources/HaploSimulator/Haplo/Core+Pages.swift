extension Core {
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
}
