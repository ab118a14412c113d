import Glibc
import HaploAPI
import ImportCore
import ImportService
import ImportSystem

/// The server: the rules of its batch import API, and what the network does to requests and answers.
final class ServerModel: @unchecked Sendable {
  struct Batch {
    var control: String
    var comment: String
    var files: [(key: String, digest: String)] = []
    var state = "uploading"
    var late = 0
  }

  struct Job {
    var batch: String
    var mode: String?
    var control: String
    var files: [String: String]
    var comment: String
    var time: Int64
  }

  unowned(unsafe) var world: World!
  var random: Random
  var controls: Set<String> = []
  var batches: [String: Batch] = [:]
  var jobs: [Job] = []
  private var lastBatch = 0
  var requests = 0
  var key = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
  private var keys = 0
  /// Faults under way, with their share of requests in 100 and their end on the monotonic clock.
  private var faults: [(fault: ServerFault, share: Int, end: Int64)] = []
  private var failedKeys = 0
  private var throttledUntil: Int64 = 0
  /// Batches whose state says that they are scheduled, but which have no job.
  var halfScheduled: Set<String> = []
  /// Requests for a file of each batch that may still be running.
  private var openFiles: [String: Int] = [:]
  var hits: Set<ServerFault> = []

  init(_ random: Random) { self.random = random }

  /// Performs a request at the server; the answer as the server gives it.
  // MARK: Faults

  func begin(_ fault: ServerFault, share: Int, seconds: Int) {
    faults.append((fault, share, machine.monotonic + Int64(seconds) * 1_000_000_000))
    guard fault == .forgets else { return }
    // It was restored from a backup: what was not scheduled is gone.
    hits.insert(fault)
    for id in batches.keys.sorted() where batches[id]?.state == "uploading" && random.chance(60) {
      batches[id] = nil
    }
    for control in controls.sorted() where random.chance(30) { controls.remove(control) }
  }

  func heal() {
    faults = []
    throttledUntil = min(throttledUntil, machine.monotonic + 400_000_000_000)
  }

  func rotateKey() {
    keys += 1
    key = "rotated-key-\(keys)-abcdefghijklmnopqrstuvwxyz"
  }

  private func isActive(_ fault: ServerFault) -> Bool {
    faults.removeAll { $0.end < machine.monotonic }
    guard let share = faults.first(where: { $0.fault == fault })?.share, random.chance(share) else {
      return false
    }
    hits.insert(fault)
    return true
  }

  // MARK: Requests

  /// Sends a request through the simulated network.
  func send(_ request: ServerRequest, _ call: SimulatedTransport.Call, life: Int, key: String) {
    var latency = Int64(random.between(200_000, 60_000_000))
    if isActive(.slow) { latency = Int64(random.between(1, 1500)) * 1_000_000_000 }
    if isActive(.lostRequest) {
      if case .schedule = request.kind, mutation == .answerInvented {
        return scheduler.after(latency, life: life) { [self] in
          call.end(.answered(text(200, "SCHEDULED"), sent: .whole))
        }
      }
      return scheduler.after(latency, life: life) { call.end(.failed("could not connect", sent: .nothing)) }
    }
    var batch: String?
    if case .file(let id, _, _) = request.kind {
      batch = id.text
      openFiles[id.text, default: 0] += 1
      if openFiles[id.text]! > 1 {
        world.problems.append("two files of batch \(id.text.suffix(4)) at a time")
      }
    }
    let timeout: Int64 =
      world.settings.server.contains("ReplyTimeoutSec=1min") ? 60_000_000_000 : 600_000_000_000
    scheduler.after(timeout, life: life) { call.end(.failed("no answer in time", sent: .whole)) }
    call.sent = .part
    scheduler.after(latency) { [self] in
      if let batch { openFiles[batch]! -= 1 }
      arrive(request, call, life: life, key: key, latency)
    }
  }

  private func arrive(
    _ request: ServerRequest, _ call: SimulatedTransport.Call, life: Int, key: String, _ latency: Int64
  ) {
    let isAlive = life == world.life && world.isRunning
    let isWhole: Bool
    var body: [UInt8]?
    switch request.kind {
    case .control, .file:
      // A body whose sender is gone is cut short.
      isWhole = isAlive && !(call.isOver && call.sent != .whole)
      if isWhole { body = self.body(of: request) }
    case .batch, .schedule: isWhole = isAlive || random.chance(50)
    }
    guard isWhole else { return }
    call.sent = .whole
    let exchange = exchange(for: request, body, key: key)
    scheduler.after(latency, life: life) { if !call.isOver { call.end(exchange) } }
  }

  private func exchange(for request: ServerRequest, _ body: [UInt8]?, key: String) -> Exchange {
    requests += 1
    if isActive(.badGateway), random.chance(50) { return .answered(html(502, "Bad Gateway"), sent: .whole) }
    if isActive(.page) { return .answered(html(200, "<form>Log in</form>"), sent: .whole) }
    if isActive(.unavailable) {
      var answer = html(503, "Service unavailable")
      answer.retryAfter = random.chance(50) ? .seconds(random.below(1000)) : nil
      return .answered(answer, sent: .whole)
    }
    if machine.monotonic < throttledUntil || isActive(.tooMany) {
      throttledUntil = max(throttledUntil, machine.monotonic + 300_000_000_000)
      return .answered(refusal(request, "THROTTLE", "Throttled"), sent: .whole)
    }
    if key != self.key || isActive(.refused) {
      failedKeys += 1
      if failedKeys % 50 == 0 { throttledUntil = machine.monotonic + 300_000_000_000 }
      return .answered(refusal(request, "INVALID-API-KEY", "Invalid API Key"), sent: .whole)
    }
    if isActive(.notPermitted) {
      return .answered(html(200, "You are not permitted to perform this action."), sent: .whole)
    }
    if case .file = request.kind, isActive(.tooLarge) {
      return .answered(html(413, "Request Entity Too Large"), sent: .whole)
    }
    if case .schedule(let batch, _) = request.kind, batches[batch.text]?.state == "uploading",
      isActive(.halfScheduled)
    {
      batches[batch.text]?.state = "scheduled"
      halfScheduled.insert(batch.text)
      return .answered(html(500, "Internal server error"), sent: .whole)
    }
    var answer = process(request, body)
    if answer.status == 200, isActive(.wrongDigest), body != nil {
      answer = text(200, String(repeating: "a", count: 64))
    }
    if isActive(.lostAnswer) { return .failed("the connection was reset", sent: .whole) }
    if isActive(.badGateway) { return .answered(html(504, "Gateway Timeout"), sent: .whole) }
    if isActive(.cut) { answer.isComplete = false }
    return .answered(answer, sent: .whole)
  }

  /// Performs a request; the answer as the server gives it.
  private func process(_ request: ServerRequest, _ body: [UInt8]?) -> Answer {
    switch request.kind {
    case .control(_, _):
      let text = String(decoding: body ?? [], as: UTF8.self)
      guard text.contains("\"files\"") else {
        return self.text(400, "Invalid control file:\n  Bad version of control file, should be 0")
      }
      let digest = Self.digest(body ?? [])
      controls.insert(digest)
      return self.text(200, digest)
    case .batch(let control, let comment):
      guard controls.contains(control.hex) else { return text(400, "Control file not found: \(control.hex)") }
      if lastBatch > 0, isActive(.repeatedBatch) { return text(200, id(lastBatch)) }
      lastBatch += 1
      batches[id(lastBatch)] = Batch(control: control.hex, comment: comment ?? "")
      return text(200, id(lastBatch))
    case .file(let batch, let key, _):
      guard batches[batch.text] != nil else { return text(400, "Batch not found: \(batch)") }
      let digest = Self.digest(body ?? [])
      if mutation == .bytesChanged, random.chance(5) {
        batches[batch.text]?.files.append((key, Self.digest([0])))
        return text(200, digest)
      }
      if batches[batch.text]?.state != "uploading" { batches[batch.text]?.late += 1 }
      batches[batch.text]?.files.append((key, digest))
      return text(200, digest)
    case .schedule(let batch, let mode):
      guard let found = batches[batch.text] else { return text(400, "Batch not found: \(batch)") }
      guard found.state == "uploading" else {
        return text(400, "Batch \(batch) is not in the 'uploading' state")
      }
      batches[batch.text]?.state = "scheduled"
      addJob(batch.text, mode.parameter)
      return text(200, "SCHEDULED")
    }
  }

  private func id(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "b", count: 44 - digits.count) + digits
  }

  private func addJob(_ id: String, _ mode: String?) {
    guard let batch = batches[id] else { return }
    let files = Dictionary(batch.files.map { ($0.key, $0.digest) }) { $1 }
    jobs.append(
      Job(
        batch: id, mode: mode, control: batch.control, files: files, comment: batch.comment,
        time: machine.monotonic))
    world.log.add("server: scheduled \(id.suffix(4)) \(batch.comment) \(mode ?? "import")")
  }

  /// True if all files of an export are in one job, and in no other export.
  func hasJob(of export: Export) -> Bool {
    jobs.contains { $0.files == export.digests }
      && !world.exports.contains { $0 !== export && $0.content == export.content }
  }

  /// The bytes of the file of a request, read as the engine reads them; nil without a file.
  private func body(of request: ServerRequest) -> [UInt8]? {
    switch request.kind {
    case .control(let upload, _), .file(_, _, let upload):
      var bytes = [UInt8](repeating: 0, count: Int(upload.size))
      let length =
        bytes.isEmpty
        ? 0 : bytes.withUnsafeMutableBytes { simPread(upload.file.descriptor, $0.baseAddress!, $0.count, 0) }
      request.onProgress?(upload.size)
      return Array(bytes.prefix(max(length, 0)))
    case .batch, .schedule: return nil
    }
  }

  // MARK: Answers

  private func text(_ status: Int, _ body: String) -> Answer {
    Answer(status: status, mediaType: "text/plain", body: body)
  }

  private func html(_ status: Int, _ body: String) -> Answer {
    Answer(status: status, mediaType: "text/html", body: "<html><body>\(body)</body></html>")
  }

  /// The kind of a refusal is told to multipart requests only.
  private func refusal(_ request: ServerRequest, _ kind: String, _ message: String) -> Answer {
    switch request.kind {
    case .control, .file:
      Answer(
        status: 403, mediaType: "application/json",
        body: "{\"success\":false,\"kind\":\"\(kind)\",\"error\":{\"message\":\"\(message)\"}}")
    case .batch, .schedule: html(403, "Request denied for security reasons")
    }
  }

  static func digest(_ bytes: [UInt8]) -> String { SHA256Digest(bytes: SHA256.digest(of: bytes)).hex }
}

/// The way to the server for one life of the daemon.
struct SimulatedTransport: Transport {
  let server: ServerModel
  let life: Int
  let key: String

  func perform(_ request: ServerRequest) async -> Exchange {
    let call = Call()
    let server = server
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        call.continuation = continuation
        if Task.isCancelled { return call.end(.failed("cancelled", sent: .nothing)) }
        server.send(request, call, life: life, key: key)
      }
    } onCancel: {
      // As the engine does: the connection is closed, and what was sent is known.
      call.end(.failed("cancelled", sent: call.sent))
    }
  }

  /// One request under way.
  final class Call: @unchecked Sendable {
    var continuation: CheckedContinuation<Exchange, Never>?
    var sent = BodySent.nothing
    var isOver = false

    func end(_ exchange: Exchange) {
      isOver = true
      let waiting = continuation
      continuation = nil
      waiting?.resume(returning: exchange)
    }
  }
}
