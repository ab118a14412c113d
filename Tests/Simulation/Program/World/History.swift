import ImportRuntime
import ImportService

/// The account of a history: the daemon's log and the world's own events, the last ones at length.
final class History: Log, @unchecked Sendable {
  private(set) var lines: [String] = []
  private(set) var counts: [LogKind: Int] = [:]
  var isPrinting = false
  var onEvent: (LogEvent) -> Void = { _ in }

  func includes(_ event: LogEvent) -> Bool { event.priority != .debug }

  func write(_ event: LogEvent) {
    guard includes(event) else { return }
    counts[event.kind, default: 0] += 1
    add(
      "\(event.kind): " + ([event.text] + event.pairs.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    )
    onEvent(event)
  }

  func add(_ line: String) {
    let seconds = Double(machine.elapsed) / 1e9
    let text = "\(Self.fixed(seconds)) \(line)"
    for byte in line.utf8 { scheduler.note(UInt64(byte)) }
    if isPrinting { say(text) }
    lines.append(text)
    if lines.count > 2000 { lines.removeFirst(1000) }
  }

  private static func fixed(_ seconds: Double) -> String {
    let thousandths = Int64(seconds * 1000)
    let rest = String(1000 + thousandths % 1000).dropFirst()
    return "[\(thousandths / 1000).\(rest)]"
  }
}
