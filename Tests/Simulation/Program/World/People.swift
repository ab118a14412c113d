import FoundationEssentials
import Glibc
import ImportCore
import ImportService

extension World {
  /// Sends a request to the daemon's control socket and passes its answer on; nil if none comes, because the daemon does not run
  /// or ends.
  func ask(_ request: ControlRequest, _ then: @escaping (ControlReply?) -> Void) {
    guard isRunning, let listener = machine.listeners["/run/haplo-importd/control"], !listener.isClosed,
      let bytes = try? JSONEncoder().encode(request)
    else { return then(nil) }
    let socket = Socket()
    socket.input = Array(bytes) + [UInt8(ascii: "\n")]
    listener.callers.append(socket)
    wait(for: socket, life: life, until: machine.monotonic + patience(request), request, then)
  }

  /// Nanoseconds that a person waits. A comparison asks for a page of each set in doubt, and each may take a minute.
  private func patience(_ request: ControlRequest) -> Int64 {
    if case .compareWithServer = request { 3_600_000_000_000 } else { 600_000_000_000 }
  }

  private func wait(
    for socket: Socket, life: Int, until deadline: Int64, _ request: ControlRequest,
    _ then: @escaping (ControlReply?) -> Void
  ) {
    scheduler.after(50_000_000) { [self] in
      if life != self.life || !isRunning { return then(nil) }
      if socket.output.last == UInt8(ascii: "\n") {
        let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(socket.output))
        if reply == nil { problems.append("the answer to \(request) is not understood") }
        return then(reply)
      }
      if machine.monotonic > deadline {
        if !isStopping { problems.append("no answer to \(request) in time") }
        return then(nil)
      }
      wait(for: socket, life: life, until: deadline, request, then)
    }
  }

  /// Lists the sets and decides about those that are in one of these states.
  func decide(
    _ states: [SetState], _ decision: Decision, limit: Int = 100,
    where isMeant: @escaping (SetReport) -> Bool = { _ in true }
  ) {
    var selection = SetSelection()
    selection.all = true
    ask(.list(selection, nil)) { [self] reply in
      guard case .sets(let page)? = reply else { return }
      judgeReasons(page.sets)
      let sets = page.sets.filter { states.contains($0.state) && isMeant($0) }.prefix(limit).map(\.set.text)
      guard !sets.isEmpty else { return }
      if decision == .discard { doomed.formUnion(sets) }
      ask(.decide(decision, sets: sets)) { [self] reply in
        guard case .decided(let results)? = reply else {
          // The daemon ended before it answered: it may have decided all the same.
          if case .retry(importAgain: true) = decision { mayRepeat.formUnion(sets) }
          if case .approve = decision { approved.formUnion(sets) }
          if case .discard = decision { discarded.formUnion(sets) }
          return
        }
        for result in results {
          log.add("person: \(decision) \(result.subject): \(result.outcome.rawValue) \(result.text)")
          guard result.outcome == .done else { continue }
          switch decision {
          case .retry(let again):
            if again { mayRepeat.insert(result.subject) }
            touched.insert(result.subject)
            mark(.retried)
          case .discard:
            discarded.insert(result.subject)
            mark(.discarded)
          case .approve:
            approved.insert(result.subject)
            mark(.approved)
          case .reject:
            touched.insert(result.subject)
            mark(.rejectedByPerson)
          }
        }
      }
    }
  }

  /// Looks at the status, as monitoring does.
  func look() {
    ask(.status) { [self] reply in
      guard case .status(let status)? = reply else { return }
      for source in status.sources {
        for item in source.incoming where item.findings.isEmpty && item.waitingSeconds ?? 0 > 120 {
          problems.append("\(item.path) waits without a reason")
        }
      }
    }
  }
}
