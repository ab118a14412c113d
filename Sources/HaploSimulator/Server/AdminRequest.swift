/// Answers what is asked of the simulator itself, below `/simulator/`, without key and without faults:
/// - `GET /simulator/record`: the record as one JSON object.
/// - `GET /simulator/faults`: the faults in force, as an array of their texts.
/// - `POST /simulator/faults`: adds faults: JSON (an object, a string or an array of them), or lines of
///   `STEP:KIND[:SETTING=VALUE]…`. Nothing is added when one of them is wrong (400, which says what).
/// - `DELETE /simulator/faults`: removes all. What they changed at the server (a revoked key) stays.
/// - `POST /simulator/key`: accepts the key in the body for the API from now on, and the blocked user again.
/// - `DELETE /simulator/key`: refuses every key for the API from now on.
/// - `POST` and `DELETE /simulator/outcome-key`: the same with the keys for the pages.
/// - `POST /simulator/batches`: makes a batch by hand, with the comment in the body; the answer is its number.
/// - `POST /simulator/restart`: restarts the server: the job that is running stays so for ever, sessions are gone.
/// - `DELETE /simulator/throttle`: forgets all failed keys.
struct AdminRequest {
  static let folder = "/simulator/"

  private let head: RequestHead
  var body = AdminBody()

  init(_ head: RequestHead) { self.head = head }

  func answer(_ core: Core) -> HTTPAnswer {
    switch (head.method, head.path) {
    case ("GET", "/simulator/record"): return json(core.record.json)
    case ("GET", "/simulator/faults"): return faults(core)
    case ("POST", "/simulator/faults"): return add(core)
    case ("DELETE", "/simulator/faults"): core.update { $0.faults.clear() }
    case ("POST", "/simulator/key"): core.update { $0.door.accept(body.line, for: .api) }
    case ("DELETE", "/simulator/key"): core.update { $0.door.revoke(.api) }
    case ("POST", "/simulator/outcome-key"): core.update { $0.door.accept(body.line, for: .pages) }
    case ("DELETE", "/simulator/outcome-key"): core.update { $0.door.revoke(.pages) }
    case ("POST", "/simulator/batches"):
      return Answers.plain("\(core.update { $0.makeBatch(comment: body.line) })")
    case ("POST", "/simulator/restart"):
      let now = core.options.clock()
      core.update { $0.restart(now: now) }
    case ("DELETE", "/simulator/throttle"): core.update { $0.door.reopen() }
    default: return Answers.notFound
    }
    return Answers.plain("OK")
  }

  private func faults(_ core: Core) -> HTTPAnswer {
    json(.array(core.update { $0.faults.faults }.map { .string($0.text) }))
  }

  private func add(_ core: Core) -> HTTPAnswer {
    do throws(FaultSyntaxError) {
      let faults = try body.faults()
      core.update { world in
        for fault in faults { world.faults.add(fault) }
      }
      return self.faults(core)
    } catch {
      return Answers.plain(error.description, status: 400)
    }
  }

  private func json(_ value: JSONValue) -> HTTPAnswer {
    HTTPAnswer(status: 200, mediaType: "application/json", body: value.text + "\n")
  }
}

/// The body of such a request, cut at 1 MiB.
struct AdminBody {
  private var bytes: [UInt8] = []

  mutating func consume(_ piece: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: piece.prefix(max(0, 1 << 20 - bytes.count)))
  }

  var line: String { lines.first.map(String.init) ?? "" }

  private var lines: [Substring] { String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) }

  func faults() throws(FaultSyntaxError) -> [Fault] {
    var faults: [Fault] = []
    switch JSONReader.parse(bytes) {
    case .array(let values)?: for value in values { faults.append(try Fault(value)) }
    case let value?: faults.append(try Fault(value))
    case nil: for line in lines { faults.append(try Fault(String(line))) }
    }
    return faults
  }
}
