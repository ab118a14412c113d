import Glibc

/// Writes what happens as lines of JSON, one object a line, in the order in which it happens.
///
/// Every line has `event` and `time` (seconds since 1970, to the microsecond). Further members by event:
/// - `control`: `digest`, `size`, `comment`: a control file was accepted.
/// - `batch`: `batch`, `number` (in the server's database), `control`, `comment`, `state` (`uploading`, or `ready` when
///   it was made by hand): a batch was created.
/// - `file`: `batch`, `name`, `filename`, `digest`, `size`, `late` (whether the batch was scheduled already).
/// - `scheduled`: `batch`, `job` (1, 2, …), `control`, `mode` (`dry-run` or `import`, as the server understood
///   it), `files` (what the batch held then: `name`, `filename`, `digest`, `size`).
/// - `started`, `finished`: `job`, `batch`, `state` (`running`; `complete`, `dry-run`, `error`), `errors` (null unless
///   finished): the job's turn came, and it ended.
/// - `job-lost`: `batch`: the batch's state was stored, and its job was not made.
/// - `request`: `number`, `step` (a step, `list-page`, `batch-page`, or null), `method`, `path`, `address`, `received` (bytes of the body),
///   `status` and `answer` (its first 200 characters; both null when the connection was cut), `faults`.
///   It is written before the answer is sent: who has an answer finds it here.
/// - `forgotten`: `what` (`batches`, `controls` or `sessions`).
enum RecordLine {
  static func control(_ file: ReceivedFile, comment: String?) -> JSONValue {
    line(
      "control", ["digest": .string(file.digest), "size": JSONValue(file.size), "comment": .init(comment)])
  }

  static func batch(_ batch: SimulatorRecord.Batch) -> JSONValue {
    line(
      "batch",
      [
        "batch": .string(batch.id), "number": JSONValue(batch.number), "control": .string(batch.control),
        "comment": .init(batch.comment), "state": .string(batch.state.rawValue),
      ])
  }

  static func file(_ file: SimulatorRecord.File, in batch: String, isLate: Bool) -> JSONValue {
    line("file", ["batch": .string(batch)], file.json, ["late": .bool(isLate)])
  }

  static func scheduled(_ job: SimulatorRecord.Job) -> JSONValue { line("scheduled", job.json) }

  /// - Parameter event: `started` or `finished`.
  static func job(
    _ event: String, _ job: Int, batch: String, state: SimulatorRecord.Batch.State, errors: Int?
  ) -> JSONValue {
    line(
      event,
      [
        "job": JSONValue(job), "batch": .string(batch), "state": .string(state.rawValue),
        "errors": errors.map { JSONValue($0) } ?? .null,
      ])
  }

  static func jobLost(_ batch: String) -> JSONValue { line("job-lost", ["batch": .string(batch)]) }

  static func request(_ request: SimulatorRecord.Request) -> JSONValue { line("request", request.json) }

  static func forgotten(_ what: String) -> JSONValue { line("forgotten", ["what": .string(what)]) }

  private static func line(_ event: String, _ parts: JSONValue...) -> JSONValue {
    var members = [
      JSONMember(name: "event", value: .string(event)),
      JSONMember(name: "time", value: .number(secondsNow())),
    ]
    for case .object(let more) in parts { members += more.filter { $0.name != "time" } }
    return .object(members)
  }
}

/// Appends lines to the record file, each by one write(2). Only the last line of the file can be incomplete, and only
/// until the next one is written: what a full disk or a killed predecessor left of a line is cut off.
final class RecordFile: Sendable {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(SimulatorError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, errno: errno) }
    cutIncompleteLine()
  }

  deinit { _ = close(descriptor) }

  func append(_ value: JSONValue) {
    let line = Array((value.text + "\n").utf8)
    let end = lseek(descriptor, 0, SEEK_END)
    guard !line.withUnsafeBytes({ writeAll($0, to: descriptor) }) else { return }
    standardError("cannot write to \(path): \(String(cString: strerror(errno)))")
    if end >= 0 { _ = ftruncate(descriptor, end) }
  }

  /// Looks back for the last line end. A file that cannot be read backwards, such as a pipe, is left alone.
  private func cutIncompleteLine() {
    var end = lseek(descriptor, 0, SEEK_END)
    var byte: UInt8 = 0
    let size = end
    while end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != UInt8(ascii: "\n") { end -= 1 }
    if end >= 0, end < size { _ = ftruncate(descriptor, end) }
  }
}
