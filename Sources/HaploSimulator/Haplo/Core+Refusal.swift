extension Core {
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
