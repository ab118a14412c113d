import FoundationEssentials
import HaploSimulator
import ImportCore
import Testing

/// Compares what was dropped with what the server's record says and with where the files are now.
struct Promise {
  let place: Place
  let record: SimulatorRecord
  /// The sets that must be scheduled, in the order of arrival within each source.
  let scheduled: [SampleSet]
  /// Told when something is broken.
  var context = ""

  /// Records an issue for each way in which the promise is broken.
  func check(_ location: SourceLocation = #_sourceLocation) {
    for problem in problems { Issue.record("\(context): \(problem)", sourceLocation: location) }
  }

  /// The same for what was scheduled alone, where other sets stand elsewhere.
  func checkScheduling(_ location: SourceLocation = #_sourceLocation) {
    for problem in scheduling + order + whereabouts + receipts {
      Issue.record("\(context): \(problem)", sourceLocation: location)
    }
  }

  var problems: [String] { scheduling + order + whereabouts + leftovers + receipts + journal }

  /// Exactly once, byte for byte.
  private var scheduling: [String] {
    let counts = scheduled.map { set in (set, jobs(of: set).count) }
    let wrong = counts.filter { $0.1 != 1 }.map { "\($0.0.source)/\($0.0.name) was scheduled \($0.1) times" }
    return wrong
      + (record.jobs.count == scheduled.count
        ? [] : ["\(record.jobs.count) jobs for \(scheduled.count) sets"])
      + record.batches.filter { !$0.late.isEmpty }.map { "a file came late to batch \($0.id)" }
  }

  private func jobs(of set: SampleSet) -> [SimulatorRecord.Job] {
    record.jobs.filter { $0.data.mapValues(\.digest) == set.digests }
  }

  private var order: [String] {
    Dictionary(grouping: scheduled, by: \.source).compactMap { source, sets in
      let numbers = sets.compactMap { jobs(of: $0).first?.number }
      return numbers == numbers.sorted() ? nil : "\(source) went in the order \(numbers)"
    }
  }

  /// Every data file is in exactly one place, and that of a scheduled set is the archive.
  private var whereabouts: [String] {
    let files = place.files()
    return scheduled.flatMap { set in
      set.keys.compactMap { key -> String? in
        let content = set.content(key)
        let found = files.filter { place.text("\(place.spool)/\($0)") == content }
        return found.count == 1 && found[0].hasPrefix("archive/") ? nil : "\(set.name)/\(key) is in \(found)"
      }
    }
  }

  private var leftovers: [String] {
    let temporary = place.files().filter { $0.split(separator: "/").last!.hasPrefix(".") }
    let drop = place.files(below: "spool/drop")
    let work = place.entries(below: "work").filter { $0.contains("/") }
    return temporary.map { "\($0) was left behind" } + drop.map { "\($0) is still in the drop directory" }
      + work.map { "\($0) is still at work" }
  }

  private var receipts: [String] {
    scheduled.compactMap { set in
      let path = place.files().first { path in
        path.hasPrefix("archive/") && place.text("\(place.spool)/\(path)") == set.content(set.keys[0])
      }
      guard let path, let job = jobs(of: set).first else { return nil }
      let folder = path.split(separator: "/").dropLast(2).joined(separator: "/")
      let data = Data(place.bytes("\(place.spool)/\(folder)/receipt.json"))
      guard let receipt = try? JSONDecoder().decode(Receipt.self, from: data) else {
        return "\(folder) has no receipt"
      }
      return problem(of: receipt, set, job)
    }
  }

  private func problem(of receipt: Receipt, _ set: SampleSet, _ job: SimulatorRecord.Job) -> String? {
    let digests = Dictionary(uniqueKeysWithValues: receipt.files.map { ($0.key ?? "", $0.sha256.hex) })
    if digests != set.digests { return "the receipt of \(set.name) has other digests" }
    if receipt.batch?.text != job.batch { return "the receipt of \(set.name) has another batch" }
    return receipt.control.sha256.hex == job.control
      ? nil : "the receipt of \(set.name) has another control file"
  }

  private var journal: [String] {
    do {
      let reading = try place.reading()
      let waiting = reading.state.deliveries.values.filter(\.isQueued).map { "\($0.set) still waits" }
      return waiting + (reading.isTorn ? ["the journal is torn"] : [])
    } catch {
      return ["the journal cannot be read: \(error)"]
    }
  }
}
