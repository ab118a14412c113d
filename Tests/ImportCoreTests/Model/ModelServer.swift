import ImportCore

/// A server of a few lines that does what docs/server.md says, mistakes included: it changes a batch's list of files without
/// a lock, checks neither completeness nor state when a file comes, and remembers every schedule call that it took.
struct ModelServer: Hashable {
  /// What is in a batch: for each key the byte that stands for its content.
  typealias Content = [String: UInt8]

  struct Batch: Hashable {
    var content: Content = [:]
    var isUploading = true
    var isLost = false
  }

  /// How a dry run's job ends.
  enum Result: Hashable, CaseIterable {
    case clean, errors, failed
  }

  /// Something that the server still does after the client has given up waiting for it.
  enum Late: Hashable {
    /// Writes back a list of files that was read before others were added.
    case write(batch: Int, Content)
    case schedule(batch: Int, ImportMode)
  }

  /// What can go wrong with one request.
  enum Fault: Hashable, CaseIterable {
    /// It never gets there.
    case unreachable
    /// It gets there whole and is thrown away without an answer.
    case ignored
    /// It is worked on, and the answer is lost.
    case lostReply
    /// It is worked on, and something in between answers 502.
    case badGateway
    /// The server fails on it, and says so.
    case failure
    /// It comes too fast, and something in between refuses it.
    case tooMany
    /// The client gives up, and the server works on it at some later time.
    case late
    /// Other bytes arrive than were sent.
    case corrupted
    /// The server was restored from a backup and has forgotten every batch.
    case restored
  }

  private(set) var hasControl = false
  /// By number; nil where there is none.
  private(set) var batches: [Batch?] = []
  /// For every schedule call that was ever taken: which batch, what was in it then, and what for.
  private(set) var schedules: [(batch: Int, content: Content, mode: ImportMode)] = []
  /// How the dry run's job has ended; nil while it has not.
  private(set) var dryRunResult: Result?
  private(set) var late: [Late] = []

  static let control = Invented.digest(0xcc)

  static func id(_ number: Int) -> BatchID { BatchID("model-batch-number-\(1000 + number)")! }

  /// What the scheduled batch holds when its job runs; nil while there is none.
  var imported: Content? {
    schedules.first { $0.mode == .import }.map { batches[$0.batch]?.content ?? $0.content }
  }

  /// How many schedule calls were taken for this mode.
  func count(_ mode: ImportMode) -> Int { schedules.count { $0.mode == mode } }

  /// True if a dry run's job is there and has not ended.
  var hasOpenDryRun: Bool { count(.dryRun) > 0 && dryRunResult == nil }

  /// Ends the dry run's job.
  mutating func end(_ result: Result) { dryRunResult = result }

  /// What the page of a batch says: how its job has ended, or nil, which a client that reads it cannot understand.
  func page(of batch: BatchID) -> Result? {
    guard let number = number(batch), schedules.contains(where: { $0.batch == number && $0.mode == .dryRun })
    else {
      return nil
    }
    return dryRunResult
  }

  /// Takes a request with its fault, if it has one, and says what the client sees of it. `mode` is what a schedule call asks
  /// for.
  mutating func exchange(_ question: Question, _ fault: Fault?, _ mode: ImportMode = .import) -> Exchange {
    func answer(_ question: Question, corrupted: Bool = false) -> Answer {
      self.answer(question, corrupted: corrupted, mode)
    }
    switch fault {
    case nil: return .answered(answer(question), sent: .whole)
    case .unreachable: return .failed("cannot connect", sent: .nothing)
    case .ignored: return .failed("timeout", sent: .whole)
    case .lostReply:
      _ = answer(question)
      return .failed("connection reset", sent: .whole)
    case .badGateway:
      _ = answer(question)
      return .answered(Verdicts.page("<h1>502 Bad Gateway</h1>", 502), sent: .whole)
    case .failure:
      return .answered(Verdicts.page("<h1>Internal server error</h1>", 500), sent: .whole)
    case .tooMany: return .answered(Verdicts.page("<h1>429 Too Many Requests</h1>", 429), sent: .whole)
    case .late:
      postpone(question, mode)
      return .failed("timeout", sent: .whole)
    case .corrupted: return .answered(answer(question, corrupted: true), sent: .whole)
    case .restored:
      hasControl = false
      for number in batches.indices { batches[number]?.isLost = true }
      late = []
      return .answered(answer(question), sent: .whole)
    }
  }

  /// Does one of the things that are late.
  mutating func catchUp(_ index: Int) {
    switch late.remove(at: index) {
    case .write(let batch, let content): batches[batch]?.content = content
    case .schedule(let batch, let mode): _ = schedule(batch, mode)
    }
  }

  /// Takes away what nobody can speak of any more; such a number is given again. That changes nothing that anybody can
  /// see, and makes worlds equal that differ in it only.
  mutating func keep(_ spokenOf: Set<BatchID>) {
    for number in batches.indices where !spokenOf.contains(Self.id(number)) && !isInUse(number) {
      batches[number] = nil
    }
  }

  private func isInUse(_ number: Int) -> Bool {
    schedules.contains { $0.batch == number }
      || late.contains { late in
        switch late {
        case .write(let batch, _), .schedule(let batch, _): batch == number
        }
      }
  }

  private mutating func answer(_ question: Question, corrupted: Bool, _ mode: ImportMode) -> Answer {
    switch question {
    case .control:
      if corrupted { return Verdicts.text(Invented.digest(0xff).hex) }
      hasControl = true
      return Verdicts.text(Self.control.hex)
    case .batch:
      guard hasControl else { return Verdicts.text("Control file not found: \(Self.control)", 400) }
      let number = batches.firstIndex(of: nil) ?? batches.count
      if number == batches.count { batches.append(nil) }
      batches[number] = Batch()
      return Verdicts.text(Self.id(number).text)
    case .file(let key, let digest, let batch):
      guard let number = number(batch) else { return Verdicts.text("Batch not found: \(batch)", 400) }
      let byte = corrupted ? 0xff : Self.byte(digest)
      batches[number]?.content[key] = byte
      return Verdicts.text(Invented.digest(byte).hex)
    case .schedule(let batch):
      guard let number = number(batch) else { return Verdicts.text("Batch not found: \(batch)", 400) }
      return schedule(number, mode)
    }
  }

  private mutating func schedule(_ number: Int, _ mode: ImportMode) -> Answer {
    guard let batch = batches[number] else { return Verdicts.text("gone", 400) }
    guard batch.isUploading else {
      return Verdicts.text("Batch \(Self.id(number)) is not in the 'uploading' state", 400)
    }
    batches[number]?.isUploading = false
    schedules.append((number, batch.content, mode))
    return Verdicts.text("SCHEDULED")
  }

  private mutating func postpone(_ question: Question, _ mode: ImportMode) {
    switch question {
    case .file(let key, let digest, let batch):
      guard let number = number(batch), var content = batches[number]?.content else { return }
      content[key] = Self.byte(digest)
      late.append(.write(batch: number, content))
    case .schedule(let batch):
      if let number = number(batch) { late.append(.schedule(batch: number, mode)) }
    case .control, .batch: _ = answer(question, corrupted: false, mode)
    }
  }

  private func number(_ batch: BatchID) -> Int? {
    batches.indices.first { batches[$0]?.isLost == false && Self.id($0) == batch }
  }

  /// The digests of the model are one byte over and over.
  private static func byte(_ digest: SHA256Digest) -> UInt8 { UInt8(digest.hex.prefix(2), radix: 16)! }

  static func == (left: ModelServer, right: ModelServer) -> Bool {
    left.hasControl == right.hasControl && left.batches == right.batches && left.late == right.late
      && left.dryRunResult == right.dryRunResult
      && left.schedules.elementsEqual(right.schedules) { $0 == $1 }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(hasControl)
    hasher.combine(batches)
    hasher.combine(late)
    hasher.combine(schedules.map(\.batch))
    hasher.combine(dryRunResult)
  }
}
