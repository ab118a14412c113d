import Glibc

/// The name of one entry of a directory as the kernel gives it: bytes, mostly but not always UTF-8.
public struct EntryName: Hashable, Sendable {
  private enum Form: Sendable {
    case text(String)
    case raw([UInt8])
  }
  private let form: Form

  /// Takes the bytes of a name.
  public init(bytes: some Collection<UInt8>) {
    form = String(validating: bytes, as: UTF8.self).map(Form.text) ?? .raw(Array(bytes))
  }

  /// Takes a name that is text already.
  public init(_ string: String) { form = .text(string) }

  /// The name as text; nil when it is not UTF-8.
  public var string: String? {
    if case .text(let string) = form { string } else { nil }
  }

  /// The name as bytes, without the terminating NUL.
  public var bytes: [UInt8] {
    switch form {
    case .text(let string): Array(string.utf8)
    case .raw(let bytes): bytes
    }
  }

  // Two names are equal if their bytes are; String would take two Unicode forms of a name for one.
  public static func == (left: EntryName, right: EntryName) -> Bool {
    switch (left.form, right.form) {
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.raw(let left), .raw(let right)): left == right
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch form {
    case .text(let string): for byte in string.utf8 { hasher.combine(byte) }
    case .raw(let bytes): for byte in bytes { hasher.combine(byte) }
    }
  }

  /// True for a single component that can be opened: not empty, not `.` or `..`, no `/`, no NUL.
  public var isSingleComponent: Bool {
    switch form {
    case .text(let string): Self.isSingleComponent(string.utf8)
    case .raw(let bytes): Self.isSingleComponent(bytes)
    }
  }

  /// The bytes of the name with the terminating NUL.
  var terminated: [CChar] { bytes.map(CChar.init(bitPattern:)) + [0] }

  private static func isSingleComponent(_ bytes: some Collection<UInt8>) -> Bool {
    var count = 0
    var isDots = true
    for byte in bytes {
      if byte == 0 || byte == UInt8(ascii: "/") { return false }
      if byte != UInt8(ascii: ".") { isDots = false }
      count += 1
    }
    return count > 2 || (count > 0 && !isDots)
  }
}

extension EntryName: CustomStringConvertible {
  /// The name for people: bytes that are not UTF-8, and control characters, as `\xHH`.
  public var description: String {
    let text = string ?? ""
    if string != nil, !text.utf8.contains(where: { $0 < 32 || $0 == 127 }) { return text }
    return bytes.map { (32..<127).contains($0) ? String(UnicodeScalar($0)) : Self.escaped($0) }.joined()
  }

  private static func escaped(_ byte: UInt8) -> String {
    let hex = String(byte, radix: 16, uppercase: true)
    return "\\x" + (hex.count == 1 ? "0" : "") + hex
  }
}
