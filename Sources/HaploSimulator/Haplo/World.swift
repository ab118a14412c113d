/// Is the server's memory: keys, control files, batches and jobs. All of it changes under one lock, but for the
/// list of a batch's files, which the server itself reads and writes apart.
struct World: Sendable {
  var door: Door
  var faults: FaultBook
  private(set) var record = SimulatorRecord()
  /// What is to be written to the record file; whoever holds the lock takes it out.
  var lines: [JSONValue] = []
  private var controls: Set<String> = []
  private var batches: [String: Int] = [:]

  init(door: Door, faults: FaultBook) {
    self.door = door
    self.faults = faults
  }

  /// Counts a request, gives it its number, and says which faults it meets.
  mutating func begin(_ step: Step?) -> (number: Int, faults: [Fault]) {
    record.begun[step, default: 0] += 1
    return (record.requestCount, faults.meet(step))
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
    let batch = SimulatorRecord.Batch(id: Self.newIdentifier(), control: control, comment: comment)
    batches[batch.id] = record.batches.count
    record.batches.append(batch)
    lines.append(RecordLine.batch(batch))
    return batch
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
    let isLate = record.batches[index].job != nil
    if isLate { record.batches[index].late.append(file) }
    lines.append(RecordLine.file(file, in: batch, isLate: isLate))
  }

  enum Scheduling {
    case scheduled(SimulatorRecord.Job)
    case notUploading
    case notFound
  }

  mutating func schedule(_ id: String, mode: String?) -> Scheduling {
    guard let index = batches[id] else { return .notFound }
    let batch = record.batches[index]
    guard batch.job == nil else { return .notUploading }
    let job = SimulatorRecord.Job(
      number: record.jobs.count + 1, batch: id, control: batch.control, isDryRun: mode == "dry-run",
      mode: mode, files: batch.files)
    record.jobs.append(job)
    record.batches[index].job = job.number
    lines.append(RecordLine.scheduled(job))
    return .scheduled(job)
  }

  /// Forgets every batch, as a server restored from a backup does. The record keeps them.
  mutating func forgetBatches() {
    for index in batches.values { record.batches[index].isForgotten = true }
    batches = [:]
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
