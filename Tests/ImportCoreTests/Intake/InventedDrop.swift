import ImportCore

/// A drop directory that exists only in a test, and the looks that a shell would take at it.
struct InventedDrop {
  var rules: IntakeRules
  var subject: SetSnapshot
  var now = MonotonicInstant(nanoseconds: 1_000_000_000_000)
  /// What reading the files would give.
  var texts: [String: String] = [:]
  var writers: [String: WriterAnswer] = [:]
  var digests: [String: SHA256Digest] = [:]
  var moving = MoveAnswer.allowed
  var fixed: String?
  /// What was asked for, in order.
  var asked: [Need] = []
  private var lastInode: UInt64 = 100

  static let digest = SHA256Digest(hex: String(repeating: "ab", count: 32))!

  init(_ form: SetForm = .folder, rules: IntakeRules = IntakeRules(quiet: .seconds(5))) {
    self.rules = rules
    let index = DropIndex(rules: rules)
    let status = EntryStatus(
      kind: .directory, identity: .init(device: 1, inode: 1, size: 0, modified: 0, changed: 0), links: 2,
      owner: 1001, mode: 0o755)
    subject =
      form == .folder
      ? .init(folder: "staff", in: "/drop", status: status, index: index)
      : .init(flatIn: "/drop", index: index, rules: rules)
  }

  /// Puts a file there, or changes it.
  mutating func put(
    _ name: String, _ text: String = "{}", kind: EntryStatus.Kind = .regular, links: UInt64 = 1,
    changed: Int64 = 0
  ) {
    lastInode += 1
    texts[name] = text
    let identity = FileIdentity(
      device: 1, inode: lastInode, size: Int64(text.utf8.count), modified: 0, changed: changed)
    let status = EntryStatus(kind: kind, identity: identity, links: links, owner: 1001, mode: 0o600)
    subject.index.observe(name, status, at: now)
  }

  mutating func remove(_ name: String) { subject.index.observe(name, nil, at: now) }

  mutating func putControl(keys: [String] = ["data"]) {
    let files = keys.map { #""\#($0)": {"read": "json"}"# }.joined(separator: ", ")
    put(
      "control.json",
      #"{"dataImportControlFileVersion": 0, "model": "m", "instructions": [], "files": {\#(files)}}"#)
  }

  mutating func putSums(_ names: [String], digest: SHA256Digest = digest) {
    put("SHA256SUMS", names.map { "\(digest)  \($0)\n" }.joined())
    for name in names where digests[name] == nil { digests[name] = Self.digest }
  }

  mutating func wait(_ seconds: Int64) { now = now.advanced(by: .seconds(seconds)) }

  /// Judges as a shell would: looks further wherever that is asked for.
  mutating func judge(thorough: Bool = false) -> IntakeVerdict {
    subject.evidence.beginLook()
    while true {
      let verdict = Completeness.judge(
        subject, rules: rules, now: now, calendar: Timestamp(microseconds: 7), thorough: thorough)
      guard case .needs(let need) = verdict else { return verdict }
      asked.append(need)
      look(need)
    }
  }

  private mutating func look(_ need: Need) {
    func identity(_ name: String) -> FileIdentity { subject.index[name]!.status.identity }
    func bytes(_ name: String) -> [UInt8] { Array(texts[name]!.utf8) }
    switch need {
    case .control:
      let control = Evidence.Control(bytes("control.json"))
      subject.evidence.control = Seen(identity("control.json"), .read(control))
    case .fixedControl:
      let text = fixed.map { Content.read(Evidence.Control(Array($0.utf8))) }
      subject.evidence.fixedControl = text ?? .unreadable(EntryObstacle("no such file"))
    case .sums:
      subject.evidence.sums = Seen(identity("SHA256SUMS"), .read(ChecksumList(bytes("SHA256SUMS"))))
    case .writers(let names):
      subject.evidence.moving = moving
      for name in names {
        subject.evidence.writers[ExactText(name)] = Seen(identity(name), writers[name] ?? .nobody)
      }
    case .digests(let names):
      for name in names {
        subject.evidence.digests[ExactText(name)] = Seen(identity(name), .read(digests[name]!))
      }
    }
  }

  /// The verdict in one line, for transcripts.
  mutating func verdict(thorough: Bool = false) -> String {
    switch judge(thorough: thorough) {
    case .complete(let set): "complete " + set.files.map { "\($0.key)=\($0.file)" }.joined(separator: " ")
    case .waiting(let waiting):
      (waiting.isBusy
        ? "busy: " : waiting.askAgain.map { "until +\($0.since(now).components.seconds): " } ?? "waiting: ")
        + waiting.findings.map(\.line).joined(separator: " | ")
    case .refused(let drop):
      "refused \(drop.claim.items.map(\.name).joined(separator: " ")): \(drop.reason.text)"
    case .notASet(let finding): "no set: \(finding.line)"
    case .needs: "never"
    }
  }
}
