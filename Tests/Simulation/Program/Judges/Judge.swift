import ImportService

/// Compares what was dropped with what the server has and with what is on the disk, when all has come to its end.
struct Judge {
  let world: World
  let disk: DiskView

  init(_ world: World) {
    self.world = world
    disk = DiskView(world)
  }

  /// True if nothing is under way any more: no set is at work, and no complete set waits in a drop directory.
  static func isSettled(_ world: World) -> Bool {
    guard world.isHealed, world.isRunning, !world.writers.contains(where: { !$0.isOver }) else {
      return false
    }
    let disk = DiskView(world)
    guard !disk.sets.contains(where: { $0.area == "work" || OutcomeJudge.waits($0, world) }) else {
      return false
    }
    // Bytes that an incomplete set has as well show nothing.
    let incomplete = world.exports.filter { $0.isHalf || $0.isLeft || $0.isDamaged }
    let excused = Set(incomplete.flatMap { $0.data.map(\.file.digest) })
    // What a held set could not take is named in its reason, and is for a person.
    let held = Set(disk.sets.filter { $0.area == "held" }.flatMap(\.files.values))
    return !world.exports.contains { export in
      if export.data.contains(where: { held.contains($0.file.digest) }) { return false }
      // Litter and marks may stay, data of a complete set may not.
      guard !export.isHalf, !export.isLeft, !export.isDamaged, export.ready != nil else { return false }
      return export.data.contains { file in
        if excused.contains(file.file.digest) { return false }
        return disk.dropped.contains {
          $0.key.hasPrefix(export.source.directory) && $0.value == file.file.digest
        }
      }
    }
  }

  var problems: [String] {
    places + scheduling + bytes + order + reasons
      + disk.strays.map { "\($0) belongs to no set" }
  }

  // MARK: Nothing is lost, nothing is there twice

  private var places: [String] {
    var found: [String: [String]] = [:]
    // A copy that was whole when the journal of before its claim was put back is held; its originals are a set again.
    let copies = disk.sets.filter { world.hasRestored && $0.area == "held" && $0.isUnknownToJournal }
    let copied = copies.reduce(into: [String: Int]()) { counts, set in
      for digest in set.files.values { counts[digest, default: 0] += 1 }
    }
    for set in disk.sets {
      for digest in set.files.values { found[digest, default: []].append("\(set.area)/\(set.id)") }
    }
    for (path, digest) in disk.dropped { found[digest, default: []].append(path) }
    var expected: [String: Int] = [:]
    var uncertain: Set<String> = []
    for export in world.exports {
      for (index, file) in export.data.enumerated() {
        if export.isHalf, index == 0 { continue }
        expected[file.file.digest, default: 0] += 1
        if export.isDamaged { uncertain.insert(file.file.digest) }
      }
    }
    // A discarded set is gone; which one its bytes were shows in no folder.
    let gone = world.discarded.count
    var problems: [String] = []
    for (digest, count) in expected.sorted(by: { $0.key < $1.key }) where !uncertain.contains(digest) {
      let places = found[digest, default: []]
      if places.count - copied[digest, default: 0] > count {
        problems.append(
          "\(name(digest)) is in \(places.count) places: \(places.sorted().joined(separator: ", "))")
      }
      if places.count < count - gone { problems.append("\(name(digest)) is lost") }
    }
    // Where an old journal knows an archived set as unfinished, a reason without files says so.
    let stored = disk.sets.filter { !world.hasRestored || !$0.files.isEmpty }
    let ids = Dictionary(grouping: stored, by: \.id).filter { $0.value.count > 1 }
    problems += ids.map { "set \($0.key) is in \($0.value.map(\.area).sorted().joined(separator: " and "))" }
      .sorted()
    return problems
  }

  private func name(_ digest: String) -> String {
    for export in world.exports {
      for file in export.data where file.file.digest == digest {
        return "\(file.file.name) of export \(export.number)"
      }
    }
    return digest
  }

  // MARK: Exactly once

  private var imports: [Job] { world.server.jobs.filter { $0.mode == nil } }

  private var scheduling: [String] {
    var problems: [String] = []
    let bySet = Dictionary(grouping: imports, by: \.set)
    for (set, jobs) in bySet.sorted(by: { $0.key < $1.key })
    where jobs.count > 1 && !world.mayRepeat.contains(set) {
      problems.append("set \(set) was imported \(jobs.count) times")
    }
    let dryRuns = Dictionary(grouping: world.server.jobs.filter { $0.mode != nil }, by: \.set)
    for (set, jobs) in dryRuns.sorted(by: { $0.key < $1.key })
    where jobs.count > 1 && !world.touched.contains(set) && !world.mayRepeat.contains(set) {
      problems.append("set \(set) was checked by \(jobs.count) dry runs")
    }
    for set in disk.sets {
      let jobs = world.server.jobs.filter { $0.set == set.id }
      let real = jobs.filter { $0.mode == nil }
      switch set.area {
      case "archive":
        guard let receipt = set.receipt else {
          problems.append("archived set \(set.id) has no receipt")
          continue
        }
        if receipt["result"] as? String == "SKIPPED" { continue }
        let wanted = receipt["mode"] as? String == "dry-run" ? jobs : real
        if wanted.isEmpty, !world.server.halfScheduled.contains(receipt["batch"] as? String ?? "") {
          problems.append("archived set \(set.id) was never scheduled")
        }
      case "work": problems.append("set \(set.id) is still at work")
      default: break
      }
    }
    // However its set is called, no export is imported more often than it was dropped.
    let byContent = Dictionary(grouping: world.exports, by: \.content)
    for (_, exports) in byContent {
      let times = imports.filter { $0.files == exports[0].digests }.count
      let again = imports.filter { world.mayRepeat.contains($0.set) }.count
      if times > exports.count + again {
        problems.append(
          "export \(exports[0].number) was dropped \(exports.count) times and imported \(times) times")
      }
    }
    return problems
  }

  // MARK: Byte for byte

  private var bytes: [String] {
    var problems: [String] = []
    for (id, batch) in world.server.batches where batch.late > 0 {
      problems.append("a file came late to batch \(id.suffix(4))")
    }
    for job in world.server.jobs {
      guard let stored = disk.sets.first(where: { $0.id == job.set }), !world.touched.contains(stored.id)
      else { continue }
      let files = Set(stored.files.values)
      for (key, digest) in job.files where !files.contains(digest) {
        problems.append("\(key) of set \(stored.id) on the server is not what \(stored.area)/ has")
      }
      if stored.files["control.json"] != job.control {
        problems.append("the control file of set \(stored.id) differs")
      }
      let keys = stored.files.keys.filter { $0.hasPrefix("data") }.count
      if job.files.count != keys {
        problems.append("set \(stored.id) has \(keys) data files, and its job \(job.files.count)")
      }
    }
    for job in world.server.jobs {
      let isWhole = world.exports.contains { $0.digests == job.files || $0.isDamaged }
      if !isWhole { problems.append("the job of set \(job.set) is none of the exports") }
    }
    return problems
  }

  // MARK: In order

  /// Sets of a source are scheduled in the order of arrival, as far as one was ready before the other was begun.
  private var order: [String] {
    guard !world.hasSetClock, !world.hasRestored else { return [] }
    var problems: [String] = []
    let margin: Int64 =
      world.hasLostEvents || world.settings.notifierCapacity < 100
      ? (world.settings.rescan + 100) * 1_000_000_000 : 30_000_000_000
    for source in world.settings.sources where !source.lines.contains("Order=name") {
      let mode: String? = source.mode == "import" ? nil : "dry-run"
      let jobs = world.server.jobs.filter { $0.mode == mode && $0.comment.hasPrefix(source.name + " ") }
      let exports = jobs.compactMap { job -> Export? in
        let fitting = world.exports.filter { $0.digests == job.files && $0.source.name == source.name }
        guard fitting.count == 1, !fitting[0].isDamaged, !world.touched.contains(job.set) else {
          return nil
        }
        return fitting[0]
      }
      for (index, later) in exports.enumerated() {
        for earlier in exports[(index + 1)...] {
          // `earlier` was scheduled after `later`, though it had long been ready when that was begun.
          guard let ready = earlier.ready, ready + margin < later.begun else { continue }
          problems.append(
            "export \(later.number) of \(source.name) was scheduled before export \(earlier.number)")
        }
      }
    }
    return problems
  }

  // MARK: It says why

  private var reasons: [String] {
    disk.sets.compactMap { set in
      guard set.area == "held" || set.area == "rejected" else { return nil }
      if set.beside["REASON.txt"]?.isEmpty ?? true { return "\(set.area)/\(set.id) has no REASON.txt" }
      return set.reason == nil ? "\(set.area)/\(set.id) has no reason.json" : nil
    }
  }
}
