import CXML2

/// Examines an XML file of any size piece by piece (libxml2's push parser): whether it is well-formed and within the
/// limits of the server's parser, how many records it has, and which fields. Nothing outside the file is read and no
/// entity is expanded. The memory grows with the nesting (at most 4,096 deep) and the longest single tag (at most
/// 10 MB), not with the file.
@safe public struct XMLReader: ~Copyable {
  /// What makes a field of a record.
  public enum Fields: Sendable {
    /// The children, by their local names.
    case children
    /// The attributes, by their names with prefix.
    case attributes
  }

  /// A problem of a file.
  public struct Problem: Hashable, Sendable {
    /// False if the server surely fails or silently loses data.
    public var isWarning: Bool
    /// Line, from 1.
    public var line: Int
    /// Column in bytes, from 1. Of an error of libxml2 in a file that is not UTF-8: in the bytes that it would have in
    /// UTF-8.
    public var column: Int
    /// For people, without anything quoted of the file's content.
    public var message: String
  }

  let file: OpaquePointer
  private let nameCount: Int

  /// Begins a file. `names` are the fields that are used; nil where nobody knows them. With `singleRecord` the outermost
  /// element is the one record, else each of its children is one. `keepsParts` if the parts of the records are wanted
  /// (``takeParts()``). Traps only when there is no memory for some kilobytes.
  public init(fields: Fields, singleRecord: Bool, names: [String]? = nil, keepsParts: Bool = false) {
    guard let file = unsafe haplo_xml_begin(fields == .attributes, singleRecord, names != nil) else {
      preconditionFailure("no memory for an XML parser")
    }
    let count = names?.count ?? 0
    // No name of XML has a zero byte: such a field is never found.
    let text = (names ?? []).flatMap { ($0.utf8.contains(0) ? [] : Array($0.utf8)) + [0] }
    let hasMemory = unsafe text.withUnsafeBytes { bytes in
      unsafe haplo_xml_look_for(file, bytes.baseAddress, bytes.count, count)
    }
    precondition(hasMemory, "no memory for names")
    if keepsParts { unsafe haplo_xml_keep_parts(file) }
    unsafe self.file = unsafe file
    nameCount = count
  }

  deinit { unsafe haplo_xml_free(file) }

  /// Takes the next piece. After an error that ends the examination, further pieces change nothing.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    guard let start = piece.baseAddress else { return }
    _ = unsafe haplo_xml_take(file, start, piece.count)
  }

  /// Ends the file.
  public mutating func finish() { unsafe haplo_xml_finish(file) }

  /// The problems found, at most twenty.
  public var problems: [Problem] {
    (0..<(unsafe haplo_xml_problem_count(file))).map { index in
      var problem = unsafe haplo_xml_problem_at(file, index)
      let message = unsafe withUnsafeBytes(of: &problem.message) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return Problem(
        isWarning: problem.is_warning, line: problem.line, column: problem.column, message: message)
    }
  }

  /// Problems beyond those in ``problems``.
  public var dropped: Int { unsafe haplo_xml_dropped(file) }

  /// True if the whole file was parsed, so that ``records`` and ``seen`` are true of all of it.
  public var isWhole: Bool { unsafe haplo_xml_is_whole(file) }

  /// Records so far.
  public var records: Int { unsafe haplo_xml_records(file) }

  /// For each of the names, in their order, whether a record had it so far.
  public var seen: [Bool] { (0..<nameCount).map { unsafe haplo_xml_has_seen(file, $0) } }
}

/// The records of a file in parts, for those who want more of it than whether it is well-formed.
extension XMLReader {
  /// A part of a record, in the order of the file.
  public enum PartKind: UInt8, Sendable {
    case beginRecord = 0x52
    /// A field begins; the text is its name.
    case beginField = 0x46
    /// Some of a field's own text.
    case text = 0x54
    /// An element inside a field begins; the text is its name.
    case beginInner = 0x49
    /// Some of the text that a field has in elements inside it, or in CDATA sections.
    case innerText = 0x74
    case endInner = 0x69
    case endField = 0x66
    case endRecord = 0x72
  }

  /// Parts that one piece of the file completed.
  public struct Parts: Sendable, Sequence, IteratorProtocol {
    /// Kinds, lengths and texts.
    public let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next part, and the place of its text in ``bytes``.
    public mutating func next() -> (kind: PartKind, text: Range<Int>)? {
      guard at + 5 <= bytes.count, let kind = PartKind(rawValue: bytes[at]) else { return nil }
      let length = unsafe bytes.withUnsafeBytes { bytes in
        unsafe bytes.loadUnaligned(fromByteOffset: at + 1, as: UInt32.self)
      }
      let start = at + 5
      at = Swift.min(start + Int(length), bytes.count)
      return (kind, start..<at)
    }
  }

  /// Returns the parts of the pieces since the last call, and forgets them.
  public mutating func takeParts() -> Parts {
    var count = 0
    guard let start = unsafe haplo_xml_parts(file, &count), count > 0 else { return Parts([]) }
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    unsafe haplo_xml_forget_parts(file)
    return Parts(bytes)
  }
}
