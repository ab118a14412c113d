import CXML2

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
