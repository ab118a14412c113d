/// Writes what happens as lines of JSON, one object a line, in the order in which it happens.
///
/// Every line has `event` and `time` (seconds since 1970, to the microsecond). Further members by event:
/// - `control`: `digest`, `size`, `comment`: a control file was accepted.
/// - `batch`: `batch`, `control`, `comment`: a batch was created.
/// - `file`: `batch`, `name`, `filename`, `digest`, `size`, `late` (whether the batch was scheduled already).
/// - `scheduled`: `batch`, `job` (1, 2, …), `control`, `mode` (`dry-run` or `import`, as the server understood
///   it), `files` (what the batch held then: `name`, `filename`, `digest`, `size`).
/// - `request`: `number`, `step` (or null), `method`, `path`, `address`, `received` (bytes of the body),
///   `status` and `answer` (its first 200 characters; both null when the connection was cut), `faults`.
///   It is written before the answer is sent: who has an answer finds it here.
/// - `forgotten`: `what` (`batches` or `controls`).
enum RecordLine {
  static func control(_ file: ReceivedFile, comment: String?) -> JSONValue {
    line(
      "control", ["digest": .string(file.digest), "size": JSONValue(file.size), "comment": .init(comment)])
  }

  static func batch(_ batch: SimulatorRecord.Batch) -> JSONValue {
    line(
      "batch",
      ["batch": .string(batch.id), "control": .string(batch.control), "comment": .init(batch.comment)])
  }

  static func file(_ file: SimulatorRecord.File, in batch: String, isLate: Bool) -> JSONValue {
    line("file", ["batch": .string(batch)], file.json, ["late": .bool(isLate)])
  }

  static func scheduled(_ job: SimulatorRecord.Job) -> JSONValue { line("scheduled", job.json) }

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
