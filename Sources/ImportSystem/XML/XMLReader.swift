import CXML2

/// Examines an XML file of any size piece by piece (libxml2's push parser): whether it is well-formed, and which fields
/// its records have. Nothing outside the file is read and no entity is expanded. The memory grows with the nesting (at
/// most 4,096 deep) and the longest single tag (at most 10 MB), not with the file.
@safe public struct XMLReader: ~Copyable {
  /// What makes a field of a record.
  public enum Fields: Sendable {
    /// The children, by their local names.
    case children
    case attributes
  }

  /// What is wrong with a file.
  public struct Problem: Hashable, Sendable {
    /// Line, from 1.
    public var line: Int
    /// Column in bytes, from 1; of a file that is not UTF-8, in the bytes that it would have in UTF-8.
    public var column: Int
    /// What, in libxml2's words.
    public var message: String
    /// True if the file may well be good, but goes beyond what libxml2 reads (see above).
    public var isLimit: Bool
  }

  private let file: OpaquePointer
  private let names: [String]

  /// Begins a file. `names` are the fields to look for; with `singleRecord` the outermost element is the one record,
  /// else each of its children is one. Traps only when there is no memory for some kilobytes.
  public init(fields: Fields, singleRecord: Bool, names: [String] = []) {
    guard let file = unsafe haplo_xml_begin(fields == .attributes, singleRecord) else {
      preconditionFailure("no memory for an XML parser")
    }
    for name in names { precondition(unsafe haplo_xml_look_for(file, name), "no memory for a name") }
    unsafe self.file = unsafe file
    self.names = names
  }

  deinit { unsafe haplo_xml_free(file) }

  /// Takes the next piece. Once something is wrong, further pieces change nothing.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    guard let start = piece.baseAddress else { return }
    _ = unsafe haplo_xml_take(file, start, piece.count)
  }

  /// Ends the file and returns what is wrong with it; nil: nothing.
  public mutating func finish() -> Problem? {
    var problem = unsafe haplo_xml_finish(file)
    guard problem.code != 0 else { return nil }
    let message = unsafe withUnsafeBytes(of: &problem.message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Problem(
      line: problem.line, column: problem.column, message: message, isLimit: problem.is_limit)
  }

  /// For each of the names, in their order, whether a record had it so far.
  public var seen: [Bool] { names.indices.map { unsafe haplo_xml_has_seen(file, $0) } }
}
