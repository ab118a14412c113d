import FoundationEssentials
import Glibc
@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportService
import ImportSystem
import Synchronization

/// The simulator and the real client face to face: whatever a test asks goes over a real connection.
final class ContractBench: Sendable {
  static let key = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF"
  static let control = """
    {"dataImportControlFileVersion": 0, "model": "std:person", "files": {"data0": {"read": "json"}},
     "instructions": [{"source": "id", "destination": "person", "name": "std:attribute:id"}]}
    """

  let simulator: Simulator
  /// Moves the clock by which the server lifts a lockout.
  let advanceServer: @Sendable (Duration) -> Void
  private let directory = "/tmp/haplo-contract-\(UUID().uuidString)"
  private let fileCount = Mutex(0)

  init(_ change: (inout SimulatorOptions) -> Void = { _ in }) throws {
    let clock = Clock()
    var options = SimulatorOptions(apiKey: Self.key)
    options.clock = { clock.now }
    change(&options)
    simulator = try Simulator(options)
    advanceServer = { clock.advance($0) }
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private final class Clock: Sendable {
    private let value = Mutex(Duration.seconds(1000))
    var now: Duration { value.withLock { $0 } }
    func advance(_ time: Duration) { value.withLock { $0 += time } }
  }
}

// MARK: Files

extension ContractBench {
  /// A file as it would be sent, with the digest that it has.
  func upload(_ text: String, name: String = "data.json") throws -> UploadFile {
    let bytes = Array(text.utf8)
    return UploadFile(
      file: try file(text), name: name, size: Int64(bytes.count),
      digest: SHA256Digest(bytes: SHA256.digest(of: bytes)))
  }

  /// A file of many zeros, which take no room. Its digest is not computed, for these are sent in vain.
  func largeUpload(_ size: Int64) throws -> UploadFile {
    UploadFile(file: try file("", size: size), name: "large.json", size: size, digest: .ofNothing)
  }

  private func file(_ text: String, size: Int64? = nil) throws -> OpenFile {
    let name = fileCount.withLock { count in
      count += 1
      return "file\(count)"
    }
    try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
    if let size { truncate("\(directory)/\(name)", Int(size)) }
    return try FileSystem().openDirectory(directory).openForReading(name)
  }
}

// MARK: Asking

extension ContractBench {
  /// A client with this key (nil: none at all), at this path below the server's root.
  func client(
    key: String? = ContractBench.key, path: String = "", time: any Time = SystemTime(),
    _ change: (inout TransferOptions) -> Void = { _ in }
  ) throws -> HaploClient {
    var options = TransferOptions(credentials: key.map { .init(user: "haplo", password: $0) })
    options.maxConnections = 8
    change(&options)
    return HaploClient(url: simulator.url + path, engine: try TransferEngine(options), time: time)
  }

  /// Asks as the daemon does, and judges as the daemon does.
  func ask(_ kind: ServerRequest.Kind, _ client: HaploClient? = nil) async throws -> Reply {
    let request = ServerRequest(kind)
    let exchange = await (try client ?? self.client()).perform(request)
    return Reply(exchange: exchange, verdict: request.question.verdict(on: exchange))
  }

  /// Sends a body that the client itself would never send, and judges the answer as that to `question`.
  func post(_ body: TransferRequest.Body, asking question: Question) async throws -> Reply {
    let engine = try TransferEngine(
      TransferOptions(credentials: .init(user: "haplo", password: Self.key)))
    let url = "\(simulator.url)/api/haplo-data-import-batch/\(question.step.rawValue)"
    guard case .answered(let answer, let sent) = await engine.send(TransferRequest(url: url, body: body))
    else { throw NoAnswer() }
    let exchange = Exchange.answered(
      Answer(answer, now: Timestamp(microseconds: 0)), sent: BodySent(sent))
    return Reply(exchange: exchange, verdict: question.verdict(on: exchange))
  }

  /// Uploads the control file and creates a batch from it.
  func newBatch(_ client: HaploClient? = nil) async throws -> BatchID {
    let control = try upload(Self.control, name: "control.json")
    _ = try await ask(.control(control, comment: nil), client)
    let reply = try await ask(.batch(control: control.digest, comment: nil), client)
    guard let batch = reply.answer.flatMap({ BatchID($0.body) }) else { throw NoAnswer() }
    return batch
  }

  struct NoAnswer: Error {}
}

/// What came of one request, and what follows from it.
struct Reply: Sendable {
  let exchange: Exchange
  let verdict: Verdict

  var answer: Answer? {
    guard case .answered(let answer, _) = exchange else { return nil }
    return answer
  }

  var sent: BodySent {
    switch exchange {
    case .answered(_, let sent), .failed(_, let sent, _): sent
    }
  }

  /// Why there is no answer.
  var failure: String? {
    guard case .failed(let text, _, _) = exchange else { return nil }
    return text
  }

  var meaning: Meaning { Meaning(verdict) }

  /// What a person is told.
  var reason: Reason? {
    switch verdict {
    case .again(let reason, _), .newBatch(let reason, _), .batchGone(let reason), .wrongDigest(let reason),
      .reject(let reason), .hold(let reason), .stop(_, let reason, _):
      reason
    case .foreign(let answer): answer.reason
    case .done, .alreadyScheduled, .controlMissing: nil
    }
  }
}

/// A verdict without its words.
enum Meaning: Hashable, Sendable {
  case done, alreadyScheduled, controlMissing, again, newBatch, batchGone, wrongDigest, reject, hold, foreign
  case stop(ServerStop)

  init(_ verdict: Verdict) {
    self =
      switch verdict {
      case .done: .done
      case .alreadyScheduled: .alreadyScheduled
      case .controlMissing: .controlMissing
      case .again: .again
      case .newBatch: .newBatch
      case .batchGone: .batchGone
      case .wrongDigest: .wrongDigest
      case .reject: .reject
      case .hold: .hold
      case .foreign: .foreign
      case .stop(let cause, _, _): .stop(cause)
      }
  }
}
