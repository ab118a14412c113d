import Glibc
import HaploAPI
import ImportCore
import ImportService
import ImportSystem

/// The server: the rules of its batch import API, and what the network does to requests and answers.
final class ServerModel: @unchecked Sendable {
  struct Batch {
    /// In the server's database.
    var number: Int
    var control: String
    var comment: String
    var files: [(key: String, digest: String)] = []
    var state = "uploading"
    var late = 0
  }

  unowned(unsafe) var world: World!
  var random: Random
  var controls: Set<String> = []
  var batches: [String: Batch] = [:]
  var jobs: [Job] = []
  private var lastBatch = 0
  /// The answer with the last batch that its set has begun to use, which a cache may give again.
  private var lastAnswer: Answer?
  var requests = 0
  var key = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
  private var keys = 0
  var faults: ActiveFaults<ServerFault>
  private(set) var pages: PageModel!
  private var worker: JobWorker!
  private var failedKeys = 0
  private var throttledUntil: Int64 = 0
  /// True once it has locked an address out.
  private(set) var hasThrottled = false
  /// Batches whose state says that they are scheduled, but which have no job.
  var halfScheduled: Set<String> = []
  /// Requests for a file of each batch that may still be running.
  private var openFiles: [String: Int] = [:]

  init(_ random: Random) {
    self.random = random
    faults = ActiveFaults(self.random.branch())
    pages = PageModel(self, self.random.branch())
    worker = JobWorker(self, self.random.branch())
  }

  /// The names of the faults that have hit something.
  var hits: Set<String> { Set(faults.hits.map { "\($0)" } + pages.faults.hits.map { "\($0)" }) }

  // MARK: Faults

  func begin(_ fault: ServerFault, share: Int, seconds: Int) {
    faults.begin(fault, share: share, seconds: seconds)
    guard fault == .forgets else { return }
    // It was restored from a backup: what was not scheduled is gone.
    faults.note(fault)
    for id in batches.keys.sorted() where batches[id]?.state == "uploading" && random.chance(60) {
      batches[id] = nil
    }
    for control in controls.sorted() where random.chance(30) { controls.remove(control) }
  }

  func heal() {
    faults.end()
    pages.faults.end()
    throttledUntil = min(throttledUntil, machine.monotonic + 400_000_000_000)
  }

  func rotateKey() {
    keys += 1
    key = "rotated-key-\(keys)-abcdefghijklmnopqrstuvwxyz"
  }

  var isThrottled: Bool { machine.monotonic < throttledUntil }

  /// Counts a request with a wrong key, whichever key it is: each fiftieth begins a lockout.
  func countFailedKey() {
    failedKeys += 1
    if failedKeys % 50 == 0 { lockOut() }
  }

  private func lockOut() {
    hasThrottled = true
    throttledUntil = max(throttledUntil, machine.monotonic + 300_000_000_000)
  }

  /// The daemon is dead: of what it forgot, nobody can say that it was answered before.
  func noteDeath() {
    lastAnswer = nil
    pages.noteDeath()
  }

  // MARK: Requests

  /// Sends a request through the simulated network.
  func send(_ request: ServerRequest, _ call: SimulatedTransport.Call, life: Int, key: String) {
    if mutation == .pagesBlock, pages.isOpen {
      return scheduler.after(500_000_000, life: life) { [self] in send(request, call, life: life, key: key) }
    }
    var latency = Int64(random.between(200_000, 60_000_000))
    if faults.hit(.slow) { latency = Int64(random.between(1, 1500)) * 1_000_000_000 }
    if faults.hit(.lostRequest) {
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
    scheduler.after(latency, life: life) {
      guard !call.isOver else { return }
      call.end(exchange)
    }
  }

  private func exchange(for request: ServerRequest, _ body: [UInt8]?, key: String) -> Exchange {
    requests += 1
    if faults.hit(.badGateway), random.chance(50) { return .answered(html(502, "Bad Gateway"), sent: .whole) }
    if faults.hit(.page) { return .answered(html(200, "<form>Log in</form>"), sent: .whole) }
    if faults.hit(.unavailable) {
      var answer = html(503, "Service unavailable")
      answer.retryAfter = random.chance(50) ? .seconds(random.below(1000)) : nil
      return .answered(answer, sent: .whole)
    }
    if isThrottled || faults.hit(.tooMany) {
      lockOut()
      return .answered(refusal(request, "THROTTLE", "Throttled"), sent: .whole)
    }
    if key != self.key || faults.hit(.refused) {
      countFailedKey()
      return .answered(refusal(request, "INVALID-API-KEY", "Invalid API Key"), sent: .whole)
    }
    if faults.hit(.notPermitted) {
      return .answered(html(200, "You are not permitted to perform this action."), sent: .whole)
    }
    if case .file = request.kind, faults.hit(.tooLarge) {
      return .answered(html(413, "Request Entity Too Large"), sent: .whole)
    }
    if case .schedule(let batch, _) = request.kind, batches[batch.text]?.state == "uploading",
      faults.hit(.halfScheduled)
    {
      batches[batch.text]?.state = "scheduled"
      halfScheduled.insert(batch.text)
      return .answered(html(500, "Internal server error"), sent: .whole)
    }
    var answer = process(request, body)
    if answer.status == 200, faults.hit(.wrongDigest), body != nil {
      answer = text(200, String(repeating: "a", count: 64))
    }
    if faults.hit(.lostAnswer) { return .failed("the connection was reset", sent: .whole) }
    if faults.hit(.badGateway) { return .answered(html(504, "Gateway Timeout"), sent: .whole) }
    if faults.hit(.cut) { answer.isComplete = false }
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
      if let lastAnswer, lastAnswer.status == 200, faults.hit(.repeatedBatch) { return lastAnswer }
      lastBatch += 1
      batches[id(lastBatch)] = Batch(number: lastBatch, control: control.hex, comment: comment ?? "")
      return text(200, id(lastBatch))
    case .file(let batch, let key, _):
      guard batches[batch.text] != nil else { return text(400, "Batch not found: \(batch)") }
      lastAnswer = text(200, batch.text)
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
    String(Self.digest(Array("batch \(number)".utf8)).prefix(40) + String(10_000 + number).dropFirst())
  }

  func job(of batch: String) -> Job? { jobs.last { $0.batch == batch } }

  private func addJob(_ id: String, _ mode: String?) {
    guard let batch = batches[id] else { return }
    let files = Dictionary(batch.files.map { ($0.key, $0.digest) }) { $1 }
    jobs.append(
      Job(
        batch: id, mode: mode, control: batch.control, files: files, comment: batch.comment,
        time: machine.monotonic))
    world.log.add("server: scheduled \(id.suffix(4)) \(batch.comment) \(mode ?? "import")")
    worker.wake()
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
