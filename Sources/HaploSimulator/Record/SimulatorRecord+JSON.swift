import CMicrohttpd

extension SimulatorRecord {
  /// The whole record as `GET /simulator/record` gives it: `requests` (counts by step and page), `pages`
  /// (requests by path), `sessions`, `controls`, `batches` in the order of their creation, `jobs` in the order of their
  /// scheduling, `orphans` (ids).
  public var jsonText: String { json.text }

  var json: JSONValue {
    [
      "requests": .object(
        Endpoint.all.map { JSONMember(name: $0.name ?? "other", value: JSONValue(begun[$0] ?? 0)) }),
      "pages": .object(
        pageRequests.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: JSONValue($0.value)) }),
      "sessions": [
        "made": JSONValue(sessions.made), "live": JSONValue(sessions.live),
        "drops": JSONValue(sessions.drops),
      ],
      "controls": .array(controls.map(\.json)),
      "batches": .array(batches.map(\.json)),
      "jobs": .array(jobs.map(\.json)),
      "orphans": .array(orphans.map { .string($0.id) }),
    ]
  }
}

extension SimulatorRecord.Control {
  var json: JSONValue {
    [
      "digest": .string(digest), "size": JSONValue(size), "comment": .init(comment),
      "uploads": JSONValue(uploads),
    ]
  }
}

extension SimulatorRecord.File {
  var json: JSONValue {
    [
      "name": .string(name), "filename": .string(filename), "digest": .string(digest),
      "size": JSONValue(size),
    ]
  }
}

extension SimulatorRecord.Batch {
  var json: JSONValue {
    [
      "batch": .string(id), "control": .string(control), "comment": .init(comment),
      "uploads": .array(uploads.map(\.json)), "late": .array(late.map(\.json)),
      "files": .array(files.map(\.json)), "created": .number(created), "scheduled": .bool(job != nil),
      "job": job.map { JSONValue($0) } ?? .null, "forgotten": .bool(isForgotten),
      "number": JSONValue(number), "state": .string(state.rawValue),
      "errors": errors.map { JSONValue($0) } ?? .null,
    ]
  }
}

extension SimulatorRecord.Job {
  var json: JSONValue {
    [
      "job": JSONValue(number), "batch": .string(batch), "control": .string(control),
      "mode": .string(isDryRun ? "dry-run" : "import"), "files": .array(files.map(\.json)),
      "time": .number(time),
    ]
  }
}

extension SimulatorRecord.Request {
  var json: JSONValue {
    [
      "number": JSONValue(number), "step": .init(endpoint.name), "method": .string(method),
      "path": .string(path), "address": .string(address), "received": JSONValue(received),
      "status": status.map { JSONValue($0) } ?? .null, "answer": .init(answer),
      "faults": .array(faults.map { .string($0) }),
    ]
  }
}

/// Seconds since 1970 to the microsecond.
func secondsNow() -> Double { Double(haplo_microseconds_now()) / 1_000_000 }
