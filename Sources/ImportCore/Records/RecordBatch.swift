/// Records in the order of their file, as hashes: those that ended in the bytes that a reader took last. Everything is in
/// three arrays, so that a record costs no memory of its own.
public struct RecordBatch: Sendable {
  /// One field of a record.
  public struct Field: Sendable {
    /// Hash of its name.
    public var name: UInt64
    /// Hash of its value, whatever the spelling: escapes, spaces and the order of members make no difference.
    public var value: UInt64

    public init(name: UInt64, value: UInt64) {
      self.name = name
      self.value = value
    }
  }

  public struct Record: Sendable {
    /// Hash of all its fields, in any order.
    public var content: UInt64
    /// Hash of the key's text; nil if the record has no key, or an empty one.
    public var key: UInt64?
    /// The place of its fields in ``fields``.
    public var fields: Range<Int>
    /// The place of the key's text in ``text``, at most ``longestKey`` bytes of it.
    public var keyText: Range<Int>
  }

  /// Bytes of a key's text that are kept.
  static let longestKey = 256

  public internal(set) var records: [Record] = []
  public internal(set) var fields: [Field] = []
  /// Texts of keys.
  public internal(set) var text: [UInt8] = []

  public init() {}

  /// The text of a record's key for people; nil if it has none.
  public func key(of record: Record) -> String? {
    record.key == nil ? nil : String(decoding: text[record.keyText], as: UTF8.self)
  }

  /// Forgets the records, and keeps the memory for the next ones.
  public mutating func removeAll() {
    records.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
  }

  /// Appends fields of the record that is being read.
  public mutating func add(_ fields: some Collection<Field>) { self.fields += fields }

  /// Ends a record whose fields were appended to ``fields`` from `start` on, each name once.
  public mutating func end(from start: Int, key: RecordKeyText, keepingFields: Bool) {
    let content = fields[start...].reduce(UInt64(0)) { $0 &+ RecordHash.mix($1.name, $1.value) }
    end(content: content, from: start, key: key, keepingFields: keepingFields)
  }

  /// Ends a record that has this content.
  mutating func end(content: UInt64, from start: Int, key: RecordKeyText, keepingFields: Bool) {
    if !keepingFields { fields.removeLast(fields.count - start) }
    let begin = text.count
    let hash = key.hash
    if hash != nil { text += key.bytes }
    records.append(
      Record(content: content, key: hash, fields: start..<fields.count, keyText: begin..<text.count))
  }
}

/// The text of the key of the record that is being read.
public struct RecordKeyText: Sendable {
  /// Its beginning, in UTF-8.
  public private(set) var bytes: [UInt8] = []
  private var whole = RecordHash()

  /// The hash of the whole text; nil if it is empty.
  public var hash: UInt64? { whole.isEmpty ? nil : whole.value }

  public init() {}

  /// Forgets the text.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    whole = RecordHash()
  }

  /// Appends a byte.
  public mutating func take(_ byte: UInt8) {
    whole.take(byte)
    if bytes.count < RecordBatch.longestKey { bytes.append(byte) }
  }

  /// Appends a range of bytes.
  public mutating func take(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>) {
    whole.take(piece, range)
    let room = RecordBatch.longestKey - bytes.count
    if room > 0 { bytes += piece[range.prefix(room)] }
  }
}

/// Parts of the records of a file that are wanted.
public struct RecordDemand: Sendable {
  /// Name of the field that identifies a record; nil: none does.
  public var key: String?
  /// True if contents and fields are wanted, false for keys alone.
  public var contents: Bool
  /// True if the names of fields are wanted as texts.
  public var names: Bool
  /// The fate of each record in the order of the file; nil: it is not known. Nothing is wanted of a record that did not change: readers
  /// pass over it, which takes a fraction of the time, and give it no key, content 0 and no fields.
  public var changes: [RecordChanges.Change]?

  public init(
    key: String?, contents: Bool, names: Bool = false, changes: [RecordChanges.Change]? = nil
  ) {
    self.key = key
    self.contents = contents
    self.names = names
    self.changes = changes
  }

  /// True if the record of this number in the file, from 0, is wanted.
  public func wants(_ number: Int) -> Bool {
    guard let changes else { return true }
    return number < changes.count && changes[number] != .none
  }
}

/// Names of fields by their hashes, at most ``limit`` of them.
public struct FieldNames: Sendable {
  static let limit = 10_000
  private var names: [UInt64: String] = [:]

  /// The name; nil for one that was not met, or came after the limit.
  public subscript(_ hash: UInt64) -> String? { names[hash] }

  public init() {}

  /// The hash by which a name is known.
  public static func hash(_ name: some Sequence<UInt8>) -> UInt64 { FieldNameHash(name).value }

  /// Adds a name.
  public mutating func insert(_ hash: UInt64, _ name: some Sequence<UInt8>) {
    guard names[hash] == nil, names.count < Self.limit else { return }
    names[hash] = String(decoding: Array(name.prefix(RecordBatch.longestKey)), as: UTF8.self)
  }
}
