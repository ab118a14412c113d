import HaploSimulator
import Testing

@Suite struct StepTests {
  private let simulator: Simulator

  init() throws { simulator = try Simulator(apiKey: goodKey) }

  @Test func `the documentation's example goes through, as a dry run`() throws {
    let control = try simulator.send(
      .multipart(.control, [.text("comment", "c"), .file(goodControl, filename: "control.json")]))
    #expect(control?.status == 200)
    #expect(control?.headers["content-type"] == "text/plain")
    let digest = try #require(control?.body)
    #expect(digest.count == 64)
    let batch = try #require(try simulator.send(.form(.batch, "control=\(digest)&comment=a+%C3%A9"))?.body)
    #expect(batch.utf8.count == 44)
    #expect(batch.utf8.allSatisfy { isIdentifierByte($0) })
    let file = try simulator.upload("abc", to: batch)
    #expect(file?.body == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try simulator.schedule(batch, mode: "dry-run")?.body == "SCHEDULED")

    let record = simulator.record
    let job = try #require(record.jobs.first)
    #expect(job.isDryRun && job.batch == batch && job.control == digest)
    #expect(job.files.map(\.name) == ["data0"])
    #expect(job.files.map(\.filename) == ["data.json"])
    #expect(record.batches.map(\.comment) == ["a é"])
    #expect(record.orphans.isEmpty)
    #expect(Step.allCases.map { record.requests(of: $0) } == [1, 1, 1, 1])
  }

  @Test(arguments: [
    (nil, false), ("dry-run", true), ("dryrun", false), ("DRY-RUN", false), ("dry-run+", false),
    ("import", false),
  ])
  func `only the mode dry-run, to the letter, is a dry run`(mode: String?, isDryRun: Bool) throws {
    let batch = try simulator.newBatch()
    #expect(try simulator.schedule(batch, mode: mode)?.body == "SCHEDULED")
    #expect(simulator.record.jobs.map(\.isDryRun) == [isDryRun])
  }

  @Test func `jobs stand in the order of schedule calls, not of batches`() throws {
    let batches = try (0..<3).map { _ in try simulator.newBatch() }
    for batch in batches.reversed() { _ = try simulator.schedule(batch) }
    #expect(simulator.record.jobs.map(\.batch) == batches.reversed())
    #expect(simulator.record.jobs.map(\.number) == [1, 2, 3])
    #expect(simulator.record.batches.map(\.job) == [3, 2, 1])
  }

  @Test func `a batch is scheduled once`() throws {
    let batch = try simulator.newBatch()
    _ = try simulator.schedule(batch)
    let again = try simulator.schedule(batch)
    #expect(again?.status == 400)
    #expect(again?.body == "Batch \(batch) is not in the 'uploading' state")
    #expect(simulator.record.jobs.count == 1)
  }

  @Test func `a batch without its files is scheduled all the same`() throws {
    let batch = try simulator.newBatch()
    #expect(try simulator.schedule(batch)?.status == 200)
    #expect(simulator.record.jobs.first?.files == [])
  }

  @Test func `a file after schedule gets 200 and is not in the job`() throws {
    let batch = try simulator.newBatch()
    _ = try simulator.schedule(batch)
    #expect(try simulator.upload("late", to: batch)?.status == 200)
    #expect(simulator.record.jobs.first?.files == [])
    #expect(simulator.record.batch(batch)?.late.count == 1)
  }

  @Test func `of two files with one name the later is imported`() throws {
    let batch = try simulator.newBatch()
    for content in ["{}", "abc"] { _ = try simulator.upload(content, to: batch) }
    _ = try simulator.schedule(batch)
    let job = try #require(simulator.record.jobs.first)
    #expect(job.files.map(\.name) == ["data0", "data0"])
    #expect(job.data["data0"]?.size == 3)
  }

  @Test func `parallel uploads to one batch lose files though each is answered 200`() async throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.listDelay = .milliseconds(300)
    let simulator = try Simulator(options)
    let batch = try simulator.newBatch()
    let senders = try (0..<4).map { _ in try RawConnection(port: simulator.port) }
    for (index, sender) in senders.enumerated() {
      let request = RawRequest.multipart(
        .file, [.text("batch", batch), .text("name", "data\(index)"), .file("{}")])
      sender.send(Array(request.head.utf8) + request.body)
    }
    #expect(senders.map { $0.answer()?.status } == [200, 200, 200, 200])
    let known = try #require(simulator.record.batch(batch))
    #expect(known.uploads.count == 4)
    #expect(known.files.count < 4)
  }

  @Test func `batches are independent`() throws {
    let (one, two) = (try simulator.newBatch(), try simulator.newBatch())
    _ = try simulator.upload("1", to: one)
    _ = try simulator.upload("2", to: two)
    #expect(simulator.record.batches.map(\.files.count) == [1, 1])
    #expect(one != two)
  }

  @Test func `a control file sent again has the same digest`() throws {
    _ = try simulator.newBatch()
    _ = try simulator.newBatch()
    #expect(simulator.record.controls.map(\.uploads) == [2])
  }

  private func isIdentifierByte(_ byte: UInt8) -> Bool {
    let character = Character(Unicode.Scalar(byte))
    return character.isASCII && (character.isLetter || character.isNumber || "_-".contains(character))
  }
}
