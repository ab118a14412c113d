/// The first four bytes of a file, which tell a format that no reader of the server takes.
public struct FileOpening: Sendable {
  static let length = 4
  private var bytes: [UInt8] = []

  /// Begins a file.
  public init() {}

  /// Takes the next piece of the file; only the first four bytes of all pieces count.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    if bytes.count < Self.length { bytes.append(contentsOf: piece.prefix(Self.length - bytes.count)) }
  }

  /// The reason why no reader can read the file: a format that is no text at all. Nil for anything else.
  public var binaryProblem: String? {
    Self.magics.first { bytes.starts(with: $0.bytes) }.map {
      "the file is \($0.name); the server reads plain text only"
    }
  }

  /// The name of an encoding of more than one byte a character, and nil where the bytes do not show one.
  var wideEncoding: String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    guard bytes.count >= 2 else { return nil }
    let zeros = bytes.map { $0 == 0 }
    if zeros == [false, true, true, true] || zeros == [true, true, true, false] { return "UTF-32" }
    return zeros[0] != zeros[1] && zeros.count % 2 == 0 && (zeros.count == 2 || zeros[2...] == zeros[..<2])
      ? "UTF-16" : nil
  }

  /// True for a byte order mark of an encoding of more than one byte a character.
  var hasWideMark: Bool { wideEncoding != nil && (bytes[0] >= 0xFE || bytes.suffix(2) == [0xFE, 0xFF]) }

  /// The reason why a reader of UTF-8 cannot read the file, and nil where its first bytes do not tell one.
  var problem: String? {
    binaryProblem
      ?? wideEncoding.map { "the text is \($0), not UTF-8; export it as UTF-8 without a byte order mark" }
  }

  private static let magics: [(bytes: [UInt8], name: String)] = [
    ([0x1F, 0x8B], "compressed (gzip)"), ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an Excel workbook"),
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed (zstd)"), ([0xFD, 0x37, 0x7A, 0x58], "compressed (xz)"),
    ([0x42, 0x5A, 0x68], "compressed (bzip2)"), ([0xD0, 0xCF, 0x11, 0xE0], "an Excel workbook"),
    ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
  ]
}
