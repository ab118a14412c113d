import Glibc
@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportService
import ImportSystem
import Testing

/// What monitoring is told, by a whole service.
@Suite struct MetricsTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService
  var path: String { place.root + "/metrics/haplo.prom" }

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    place.makeFolder(place.root + "/metrics")
    service.sources = ["hr": "Mode=import", "finance": ""]
    service.daemon += "\nMetricsFile=\(path)"
  }

  private func read() throws -> OpenMetricsReader { try OpenMetricsReader(place.text(path)) }

  private func dropBad(_ name: String) {
    place.makeFolder("\(place.drop())/\(name)")
    place.write("{", to: "\(place.drop())/\(name)/control.json")
  }

  @Test func `everything that happened is told, in a file that all may read`() async throws {
    SampleSet(name: "one").drop(in: place)
    SampleSet(name: "two").drop(in: place)
    dropBad("bad")
    place.makeFolder(place.drop("finance") + "/half")
    try await service.once()

    let metrics = try read()
    #expect(metrics["running"] == 0 && metrics["build_info", "version=\"\(Version.text)\""] == 1)
    #expect(metrics["sets", #"source="hr",state="rejected""#] == 1)
    for state in SetState.allCases where state != .archived {
      #expect(metrics["sets", "source=\"finance\",state=\"\(state.rawValue)\""] == 0)
    }
    #expect(metrics["attempts_total", #"source="hr",result="scheduled""#] == 2)
    #expect(metrics["attempts_total", #"source="hr",result="rejected""#] == 1)
    #expect(metrics["uploaded_files_total", #"source="hr""#] == 4)
    let bytes = ["one", "two"].map { SampleSet(name: $0) }.flatMap { set in
      set.keys.map { set.content($0).utf8.count }
    }
    #expect(metrics["uploaded_bytes_total", #"source="hr""#] == Double(bytes.reduce(0, +)))
    #expect(metrics["requests_total", #"step="schedule""#] == 2)
    #expect(metrics["responses_total", #"class="5xx""#] == 0)
    let requests = metrics.samples["haplo_importd_requests_total"]?.values.reduce(0, +)
    #expect(requests == Double(simulator.record.requestCount))
    #expect(metrics.samples["haplo_importd_responses_total"]?.values.reduce(0, +) == requests)
    #expect(try #require(metrics["sent_bytes_total"]) > Double(bytes.reduce(0, +)))
    #expect(metrics["server", #"state="accepting""#] == 1 && metrics["server", #"state="key-refused""#] == 0)
    #expect(metrics["incomplete", #"source="finance""#] == 1 && metrics["incomplete", #"source="hr""#] == 0)
    #expect(metrics["watch", #"source="hr",mode="watched""#] == 1)
    #expect(metrics["stopped", #"source="hr",cause="paused""#] == 0)
    #expect(metrics["journal_bytes"] == Double(place.bytes(place.journal).count))
    #expect(try #require(metrics["free_bytes", #"directory="spool""#]) > 0)
    #expect(metrics["disk_full"] == 0 && metrics["min_free_bytes"] == 0)
    let written = try #require(metrics["written_timestamp_seconds"])
    #expect(try #require(metrics["start_timestamp_seconds"]) <= written)
    #expect(try #require(metrics["last_success_timestamp_seconds", #"source="hr""#]) > 1.79e9)
    #expect(metrics["last_success_timestamp_seconds", #"source="finance""#] == 0)
    #expect(metrics["last_scheduled_records", #"source="hr""#] == 2)
    #expect(metrics["last_scheduled_records", #"source="finance""#] == nil)
    #expect(metrics.samples["haplo_importd_oldest_waiting_timestamp_seconds"] == nil)

    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o644)
    #expect(place.files(below: "metrics") == ["haplo.prom"], "no temporary file stays")
  }

  @Test func `a refusing server and a waiting set are told of, and the archive's last success is remembered`()
    async throws
  {
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    let success = try read()["last_success_timestamp_seconds", #"source="hr""#]
    simulator.revokeKey()
    SampleSet(name: "two").drop(in: place)
    (service.time as? FastTime)?.skip(.seconds(3600))
    try await service.once()
    let metrics = try read()
    #expect(metrics["server", #"state="key-refused""#] == 1 && metrics["server", #"state="accepting""#] == 0)
    #expect(metrics["server_next_probe_timestamp_seconds"] != nil)
    #expect(try #require(metrics["responses_total", #"class="4xx""#]) >= 1)
    let oldest = try #require(metrics["oldest_waiting_timestamp_seconds", #"source="hr""#])
    #expect(oldest > (success ?? .infinity) + 3000)
    // The journal knows nothing of archived sets: the receipt does.
    let remembered = try #require(metrics["last_success_timestamp_seconds", #"source="hr""#])
    #expect(abs(remembered - (success ?? 0)) < 1, "\(remembered) and \(success ?? 0)")
  }

  @Test func `a server that fails is told of from its first failure on, as in status`() async throws {
    var service = service
    service.time = ManualTime()
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    try simulator.add("batch:fail:status=503")
    SampleSet(name: "two").drop(in: place)
    #expect(try await service.once().deferred == 1)
    let metrics = try read()
    // The request, and the probe that tells whether others pass.
    #expect(metrics["responses_total", #"class="5xx""#] == 2)
    #expect(metrics["server", #"state="failing""#] == 1 && metrics["server", #"state="accepting""#] == 0)
  }

  @Test func `a server that has lost a batch answers, and does not fail`() async throws {
    var service = service
    service.time = ManualTime()
    try simulator.add("file:forget:nth=1")
    SampleSet(name: "one").drop(in: place)
    #expect(try await service.once().deferred == 1)
    #expect(service.log.of(.setDeferred).first?["reason"]?.hasPrefix("Batch not found") == true)
    #expect(try read()["server", #"state="accepting""#] == 1)
  }

  @Test func `an idle daemon writes once a minute, a busy one at most every five seconds`() async throws {
    let time = ManualTime()
    var service = service
    service.time = time
    let (writes, disk) = watchedDisk()
    let daemon = Task { [service] in try await service.run(.daemon, disk) }
    defer { daemon.cancel() }
    #expect(await writes.next() != nil)
    for number in 1...5 { SampleSet(name: "set\(number)").drop(in: place) }
    #expect(await service.log.tell(.setArchived, times: 5), "\(service.log.text)")
    #expect(writes.waiting.isEmpty, "five seconds have not passed")

    await time.sleeper(within: .seconds(5))
    time.advance(by: .seconds(5))
    #expect(await writes.next() != nil, "what changed meanwhile is told now")
    await time.sleeper(within: .seconds(5))
    time.advance(by: .seconds(5))
    await time.sleeper(within: .seconds(55))
    #expect(writes.waiting.isEmpty, "nothing has changed")
    time.advance(by: .seconds(55))
    #expect(await writes.next() != nil, "a minute has passed")
    daemon.cancel()
    _ = try await daemon.value
    let metrics = try read()
    #expect(metrics["running"] == 0 && metrics["attempts_total", #"source="hr",result="scheduled""#] == 5)
  }

  @Test func `where nobody wants metrics, nothing is done for them`() async throws {
    var service = service
    service.daemon = "MinFreeSpace=0"
    let (writes, disk) = watchedDisk()
    SampleSet(name: "one").drop(in: place)
    try await service.once(disk)
    #expect(writes.waiting.isEmpty && place.files(below: "metrics") == [])
  }

  @Test func `a file that cannot be written is one warning, and the work goes on`() async throws {
    let time = ManualTime()
    var service = service
    service.time = time
    let disk = Disk()
    let failed = Mailbox<FileOperation>()
    disk.add(
      Disk.Failure(
        errno: EACCES,
        matches: { operation in
          guard operation.kind == .create, operation.purpose == "metrics" else { return false }
          failed.put(operation)
          return true
        }, times: 3))
    let daemon = Task { [service] in try await service.run(.daemon, disk) }
    defer { daemon.cancel() }
    for number in 1...3 {
      #expect(await failed.next() != nil)
      SampleSet(name: "set\(number)").drop(in: place)
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(5))
    }
    #expect(await service.log.tell(.metricsWritten), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    let warning = try #require(service.log.of(.metricsFailed).first)
    #expect(service.log.of(.metricsFailed).count == 1 && warning.priority == .warning)
    #expect(warning["reason"]?.contains("Permission denied") == true && warning["path"] == path)
    #expect(service.log.of(.metricsWritten).first?["failures"] == "3")
    #expect(try read()["attempts_total", #"source="hr",result="scheduled""#] == 3)
  }

  /// A disk that tells of each time when the file is put in place.
  private func watchedDisk() -> (Mailbox<FileOperation>, Disk) {
    let writes = Mailbox<FileOperation>()
    let disk = Disk { operation in
      if operation.kind == .rename, operation.purpose == "metrics" { writes.put(operation) }
      return false
    }
    return (writes, disk)
  }
}

/// The example rules must ask for what there is.
@Suite struct AlertRulesTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

  private func rules() throws -> String {
    let bytes = try FileSystem().openFile("\(Self.root)/etc/examples/monitoring/alerts.yml").readAll(
      atMost: 1 << 20)
    return try #require(String(validating: bytes, as: UTF8.self))
  }

  @Test func `every metric and every label that a rule names exists`() throws {
    let metrics = try OpenMetricsReader(try MetricsReport.complete().text)
    let expressions = try rules().split(separator: "\n").filter { !$0.contains("#") }.joined(separator: "\n")
    let used = expressions.matches(of: #/haplo_importd_[a-z_]+/#).map { String($0.output) }
    #expect(Set(used).count >= 8)
    for name in used { #expect(metrics.samples[name] != nil, "\(name)") }
    for match in expressions.matches(of: #/(haplo_importd_[a-z_]+)\{([a-z]+)=~?"([^"]*)"\}/#) {
      let series = try #require(metrics.samples[String(match.output.1)])
      for value in match.output.3.split(separator: "|") {
        #expect(series.keys.contains { $0.contains("\(match.output.2)=\"\(value)\"") }, "\(match.output.0)")
      }
    }
  }

  @Test func `every alert says what it is and what to do`() throws {
    let alerts = try rules().split(separator: "- alert: ").dropFirst()
    #expect(alerts.count >= 8)
    for alert in alerts {
      for part in ["expr:", "severity:", "summary:", "action:"] { #expect(alert.contains(part), "\(alert)") }
    }
  }

  @Test func `the documentation has a line for every metric`() throws {
    let bytes = try FileSystem().openFile("\(Self.root)/docs/monitoring.md").readAll(atMost: 1 << 20)
    let documentation = String(decoding: bytes, as: UTF8.self)
    for name in try OpenMetricsReader(try MetricsReport.complete().text).names {
      #expect(documentation.contains("`\(name)"), "\(name)")
    }
  }
}
