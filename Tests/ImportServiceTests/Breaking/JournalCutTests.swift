import Glibc
import HaploSimulator
import ImportCore
import ImportSystem
import Synchronization
import Testing

/// The journal ends after each of its records, and at each byte of the last one.
@Suite struct JournalCutTests {
  @Test(arguments: CrashTests.Drop.allCases)
  func `a death after any record, with the record cut anywhere, leaves one schedule a set`(
    drop: CrashTests.Drop
  ) async throws {
    for number in 1...200 {
      for cut in [0.0, 0.02, 0.5, 0.98, 1.0] {
        let trial = try Trial(drop)
        let disk = Disk(dyingAt: number, afterCall: true) { $0.kind == .write && $0.purpose == "journal" }
        _ = try? await trial.service.once(disk)
        guard disk.isDead else {
          let records = trial.place.bytes(trial.place.journal).count { $0 == UInt8(ascii: "\n") }
          #expect(records > 10, "there are fewer records than there should be")
          return #expect(number > 6, "there are fewer writes than records that are waited for")
        }
        cutLastLine(of: trial.place, keeping: cut)
        try await trial.service.onceUntilSettled()
        trial.promise("death after record \(number), of which \(cut) is left").check()
      }
    }
    Issue.record("no run ended by itself")
  }

  /// The worst that a file system may do: what was renamed stays, and of the journal only what was synced.
  @Test(arguments: CrashTests.Drop.allCases)
  func `a power cut that keeps all but unsynced records leaves one schedule a set`(drop: CrashTests.Drop)
    async throws
  {
    for number in 1...500 {
      let trial = try Trial(drop)
      let synced = Mutex<[Int]>([])
      let disk = Disk(dyingAt: number) { [place = trial.place] operation in
        if isJournalSync(operation) { synced.withLock { $0.append(place.bytes(place.journal).count) } }
        return operation.kind.changes
      }
      _ = try? await trial.service.once(disk)
      guard let last = disk.last else { return #expect(number > 30) }
      let lengths = synced.withLock { isJournalSync(last) ? $0.dropLast() : $0[...] }
      if let length = lengths.last { precondition(truncate(trial.place.journal, length) == 0) }
      try await trial.service.onceUntilSettled()
      trial.promise("power cut at \(number), \(last)").check()
    }
    Issue.record("no run ended by itself")
  }

  @Test func `a last line cut at any byte is torn, and the rest is read`() async throws {
    let trial = try Trial(.flat)
    try await trial.service.once()
    let bytes = trial.place.bytes(trial.place.journal)
    let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    #expect(ends.count > 10)
    for (start, end) in zip(ends, ends.dropFirst()) {
      let before = try JournalReading(Array(bytes[..<start]))
      for cut in (start + 1)..<end {
        let reading = try JournalReading(Array(bytes[..<cut]))
        #expect(reading.isTorn && reading.goodLength == start && reading.state == before.state)
      }
    }
  }

  private func cutLastLine(of place: Place, keeping share: Double) {
    let bytes = place.bytes(place.journal)
    let start = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard start > 0 else { return }
    let length = start + Int(Double(bytes.count - start) * share)
    precondition(truncate(place.journal, length) == 0)
  }
}

private func isJournalSync(_ operation: FileOperation) -> Bool {
  operation.kind == .dataSync && operation.object.hasSuffix("/journal.jsonl")
}
