/// Is the server's memory: keys, control files, batches, jobs and sessions. All of it changes under one lock, but for the
/// list of a batch's files, which the server itself reads and writes apart.
struct World: Sendable {
  var door: Door
  var faults: FaultBook
  var record = SimulatorRecord()
  /// What is to be written to the record file; whoever holds the lock takes it out.
  var lines: [JSONValue] = []
  var worker = JobWorker()
  var sessions: Sessions
  /// The planned end of each job, by its number less 1.
  private(set) var assignments: [Assignment] = []
  private let jobTime: Duration
  private var controls: Set<String> = []
  /// By identifier, the places in the record of the batches that the server knows.
  var batches: [String: Int] = [:]
  /// The places of these batches in the order of their database numbers, which begin with 1.
  var database: [Int] = []

  struct Assignment: Sendable {
    /// The batch's place in the record.
    let batch: Int
    let result: JobPlan.Result
  }

  init(_ options: SimulatorOptions) {
    door = Door(apiKeys: options.apiKeys, outcomeKeys: options.outcomeKeys)
    faults = FaultBook(options.faults)
    sessions = Sessions(limit: options.sessionLimit)
    jobTime = options.jobTime
  }

  /// Counts a request, gives it its number, and says which faults it meets.
  mutating func begin(_ endpoint: Endpoint, path: String) -> (number: Int, faults: [Fault]) {
    record.begun[endpoint, default: 0] += 1
    if endpoint.page != nil { record.pageRequests[path, default: 0] += 1 }
    return (record.requestCount, faults.meet(endpoint))
  }

  mutating func end(_ request: SimulatorRecord.Request) {
    record.requests.append(request)
    let excess = record.requests.count - SimulatorRecord.requestLimit
    if excess > 1000 { record.requests.removeFirst(excess) }
    lines.append(RecordLine.request(request))
  }

  mutating func keepControl(_ file: ReceivedFile, comment: String?) {
    controls.insert(file.digest)
    if let index = record.controls.firstIndex(where: { $0.digest == file.digest }) {
      record.controls[index].uploads += 1
    } else {
      record.controls.append(.init(digest: file.digest, size: file.size, comment: comment))
    }
    lines.append(RecordLine.control(file, comment: comment))
  }

  /// Creates a batch, nil when there is no such control file; the case of its digits matters.
  mutating func createBatch(control: String, comment: String?) -> SimulatorRecord.Batch? {
    guard controls.contains(control) else { return nil }
    return addBatch(control: control, comment: comment, state: .uploading)
  }

  /// Makes a batch by hand.
  /// - Returns: its database number.
  mutating func makeBatch(comment: String) -> Int {
    addBatch(control: "", comment: comment, state: .ready).number
  }

  private mutating func addBatch(control: String, comment: String?, state: SimulatorRecord.Batch.State)
    -> SimulatorRecord.Batch
  {
    var batch = SimulatorRecord.Batch(
      id: Self.newIdentifier(), number: database.count + 1, control: control, comment: comment)
    batch.state = state
    batches[batch.id] = record.batches.count
    database.append(record.batches.count)
    record.batches.append(batch)
    lines.append(RecordLine.batch(batch))
    return batch
  }

  /// The batches that the server knows, oldest first.
  var knownBatches: [SimulatorRecord.Batch] { database.map { record.batches[$0] } }

  /// Looks up a batch that the server knows by its database number.
  func knownBatch(_ number: Int) -> SimulatorRecord.Batch? {
    database.indices.contains(number - 1) ? record.batches[database[number - 1]] : nil
  }

  /// The first half of adding a file: the list as it is now.
  func files(of batch: String) -> [SimulatorRecord.File]? {
    batches[batch].map { record.batches[$0].files }
  }

  /// The second half: writes the list that was read before, with the file, over whatever is there by now.
  mutating func setFiles(
    of batch: String, to files: [SimulatorRecord.File], adding file: SimulatorRecord.File
  ) {
    guard let index = batches[batch] else { return }
    record.batches[index].files = files + [file]
    record.batches[index].uploads.append(file)
    let isLate = record.batches[index].state != .uploading
    if isLate { record.batches[index].late.append(file) }
    lines.append(RecordLine.file(file, in: batch, isLate: isLate))
  }

  enum Scheduling {
    case scheduled
    /// The batch's state was stored, and its job was not made.
    case jobLost
    case notUploading
    case notFound
  }

  /// Stores the batch's state, then makes its job, as the server does: without a transaction.
  mutating func schedule(_ id: String, mode: String?, _ plan: FaultPlan, now: Duration) -> Scheduling {
    guard let index = batches[id] else { return .notFound }
    let batch = record.batches[index]
    guard batch.state == .uploading else { return .notUploading }
    record.batches[index].state = .scheduled
    if plan.losesJob {
      lines.append(RecordLine.jobLost(id))
      return .jobLost
    }
    let job = SimulatorRecord.Job(
      number: record.jobs.count + 1, batch: id, control: batch.control, isDryRun: mode == "dry-run",
      mode: mode, files: batch.files)
    record.jobs.append(job)
    record.batches[index].job = job.number
    lines.append(RecordLine.scheduled(job))
    let wanted = plan.job(number: batch.number, comment: batch.comment) ?? JobPlan(.finished(errors: 0))
    assignments.append(Assignment(batch: index, result: wanted.result))
    worker.add(job.number, wanted.result, lasting: wanted.duration ?? jobTime, now: now)
    return .scheduled
  }

  /// Forgets every batch and job, as a server restored from a backup does: database numbers begin anew. The record
  /// keeps them.
  mutating func forgetBatches() {
    for index in batches.values { record.batches[index].isForgotten = true }
    batches = [:]
    database = []
    worker.forget()
    lines.append(RecordLine.forgotten("batches"))
  }

  mutating func forgetControls() {
    controls = []
    lines.append(RecordLine.forgotten("controls"))
  }

  /// 44 characters of `[A-Za-z0-9_-]`.
  private static func newIdentifier() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".utf8)
    return String(decoding: (0..<44).map { _ in alphabet.randomElement()! }, as: UTF8.self)
  }
}
