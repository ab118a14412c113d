import Glibc

/// The name of one entry of a directory as the kernel gives it: bytes, mostly but not always UTF-8.
public struct EntryName: Hashable, Sendable {
  private enum Form: Hashable, Sendable {
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

  /// True for a single component that can be opened: not empty, not `.` or `..`, no `/`, no NUL.
  public var isSingleComponent: Bool {
    let bytes = self.bytes
    return !bytes.isEmpty && bytes != Array(".".utf8) && bytes != Array("..".utf8)
      && !bytes.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
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
