import Glibc

extension World {
  /// Lets an exporting system write a set, file by file, each at its time.
  func drop(_ drop: Act.Drop, _ seed: UInt64) {
    var random = Random(seed: seed)
    let number = exports.count + 1
    let source = settings.sources[drop.source]
    let earlier = exports.last {
      $0.source.name == source.name && !$0.isHalf && $0.drop.flaw != .invalidControl
    }
    var name = "set\(number)"
    if drop.flaw == .sameName, let earlier { name = earlier.name }
    let export = Export(
      number, source, drop, repeating: drop.flaw == .same ? earlier : nil, name: name,
      uniqueControl: random.chance(50))
    exports.append(export)
    export.begun = machine.monotonic
    log.add("drop \(number) \(source.name)/\(name) \(drop.way) \(drop.flaw)")
    let folder =
      drop.way == .flat
      ? source.directory : drop.way == .copied ? "\(source.directory)/\(name)" : "/srv/\(number)"
    var files = export.others + export.data.map(\.file) + [export.control]
    if drop.way == .copied, random.chance(50) { files.shuffle(using: &random) }
    if drop.flaw == .half { files.removeAll { $0.name == export.data[0].file.name } }
    let late = drop.flaw == .late ? files.first { $0.name == export.data[0].file.name } : nil
    if late != nil { files.removeAll { $0.name == late?.name } }
    if drop.way == .flat {
      // One flat set at a time: the exporter waits until the one before is gone.
      files = files.filter { $0.name != "SHA256SUMS" || drop.flaw == .sums }
    }
    let writer = Writer(self, export, folder: folder, files: files, late: late, random)
    writers.append(writer)
    writer.begin()
  }
}

/// Writes one set, step by step. It ends with the machine.
final class Writer {
  private let world: World
  let export: Export
  private let folder: String
  private var files: [Export.File]
  private let late: Export.File?
  private var random: Random
  private var tries = 0
  var isOver = false
  private var handle: Int32 = 0
  private var written = 0
  private var made: [Inode] = []

  init(
    _ world: World, _ export: Export, folder: String, files: [Export.File], late: Export.File?,
    _ random: Random
  ) {
    self.world = world
    self.export = export
    self.folder = folder
    self.files = files
    self.late = late
    self.random = random
  }

  private func then(_ most: Int64, _ next: @escaping () -> Void) {
    let delay = Int64(random.below(Int(most)))
    scheduler.after(delay) { [self] in if !isOver { next() } }
  }

  func begin() {
    if export.drop.way == .flat, !isFree {
      tries += 1
      if tries > 4000 { return abandon() }
      return then(30_000_000_000) { [self] in begin() }
    }
    if export.drop.way != .flat {
      guard machine.inode(folder) == nil else {
        tries += 1
        if tries > 4000 { return abandon() }
        return then(30_000_000_000) { [self] in begin() }
      }
      world.makeFolder(folder)
      if let inode = machine.inode(folder) { made.append(inode) }
    }
    next()
  }

  /// True if none of the names is taken and no other flat set is under way.
  private var isFree: Bool {
    let names =
      [export.control.name] + export.data.map(\.file.name) + export.others.map(\.name) + [
        "SHA256SUMS", "data0.json", "data1.json", "data2.json",
      ]
    let isAlone = !world.writers.contains {
      $0 !== self && !$0.isOver && $0.export.drop.way == .flat && $0.tries == 0
        && $0.export.source.name == export.source.name
    }
    if tries == 0, !isAlone { tries = 1 }
    guard isAlone, names.allSatisfy({ machine.inode(folder + "/" + $0) == nil }) else { return false }
    tries = 0
    return true
  }

  private func next() {
    guard let file = files.first else { return finish() }
    let path = folder + "/" + file.name
    let number = path.withCString { simOpen(-1, $0, O_WRONLY | O_CREAT | O_TRUNC, 0o664) }
    guard number > 0 else { return then(50_000_000) { [self] in retryOpen() } }
    handle = Int32(number)
    if let inode = machine.handle(handle)?.inode { made.append(inode) }
    written = 0
    step()
  }

  private func retryOpen() {
    tries += 1
    // The folder was claimed while it was being written, or is gone: this set is damaged.
    if tries > 200 || machine.inode(folder) == nil { return abandon() }
    next()
  }

  private func step() {
    guard let file = files.first else { return }
    let slow = export.drop.way == .copied
    let length =
      slow ? min(file.bytes.count - written, max(1, file.bytes.count / 3)) : file.bytes.count - written
    let part = Array(file.bytes[written..<written + length])
    _ = part.withUnsafeBytes {
      simPwrite(handle, $0.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!, part.count, written)
    }
    written += length
    let isWhole = written == file.bytes.count
    then(slow ? (random.chance(10) ? 9_000_000_000 : 300_000_000) : 1_000_000) { [self] in
      guard isWhole else { return step() }
      _ = machine.close(handle)
      handle = 0
      files.removeFirst()
      then(slow ? 400_000_000 : 1_000_000) { [self] in next() }
    }
  }

  private func finish() {
    if export.drop.way == .renamed {
      if export.drop.isSynced { machine.inode(folder)?.syncTree() }
      let target = export.source.directory + "/" + export.name
      let code = folder.withCString { from in target.withCString { simRename(-1, from, -1, $0, 1) } }
      guard code == 0 else {
        tries += 1
        if tries > 4000 { return abandon() }
        return then(30_000_000_000) { [self] in finish() }
      }
    }
    if let late {
      return then(random.chance(50) ? 20_000_000_000 : 4_000_000_000_000) { [self] in
        let place =
          export.drop.way == .flat ? export.source.directory : export.source.directory + "/" + export.name
        guard machine.inode(place) != nil else { return abandon() }
        world.write(String(decoding: late.bytes, as: UTF8.self), to: place + "/" + late.name)
        done()
      }
    }
    if export.drop.flaw == .touched {
      let finished = machine.monotonic
      return then(12_000_000_000) { [self] in
        // What is copied to another disk when its quiet time is over stays where it was, if it is changed just then.
        let quiet = (Int64(export.source.quiet.filter(\.isNumber)) ?? 0) * 1_000_000_000
        if export.source.directory.hasPrefix("/mnt"), machine.monotonic - finished >= quiet {
          export.isDamaged = true
        }
        // It changes a file's time once more, if it still may.
        let place =
          export.drop.way == .flat ? export.source.directory : export.source.directory + "/" + export.name
        if let file = machine.inode(place + "/" + export.data[0].file.name) {
          machine.touch(file, content: true)
          machine.notify(file, UInt32(IN_ATTRIB))
        }
        done()
      }
    }
    done()
  }

  private func done() {
    isOver = true
    export.ready = machine.monotonic
    export.changed = machine.calendar
    guard export.drop.isSynced else {
      if random.chance(50) { then2(60_000_000_000) }
      return
    }
    sync()
  }

  private func then2(_ most: Int) {
    scheduler.after(Int64(random.below(most))) { [self] in if !export.isDamaged { sync() } }
  }

  private func sync() {
    let place =
      export.drop.way == .flat ? export.source.directory : export.source.directory + "/" + export.name
    // By descriptors: a set may have been claimed meanwhile.
    for inode in made {
      inode.syncData()
      inode.syncEntries()
    }
    machine.inode(place)?.syncTree()
    machine.inode(export.source.directory)?.syncEntries()
    export.isSynced = true
  }

  private func abandon() {
    isOver = true
    export.isDamaged = true
    world.log.add("drop \(export.number) is given up")
  }

  /// The machine stops.
  func stop() {
    guard !isOver else { return }
    isOver = true
    export.isDamaged = true
    if handle != 0 { _ = machine.close(handle) }
  }
}
