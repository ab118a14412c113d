/// A text that is equal only to the same bytes. Swift's strings are equal when they look the same (an é in one
/// code point or in two), but to the kernel and to the server these are two names.
public struct ExactText: Hashable, Comparable, Sendable {
  /// The text.
  public let text: String

  /// Takes a text.
  public init(_ text: String) { self.text = text }

  public static func == (left: ExactText, right: ExactText) -> Bool {
    guard left.text.utf8.count == right.text.utf8.count else { return false }
    return unsafe left.withBytes { left in unsafe right.withBytes { unsafe left.elementsEqual($0) } }
  }

  public static func < (left: ExactText, right: ExactText) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    unsafe withBytes { unsafe hasher.combine(bytes: $0) }
  }

  /// All bytes at once: names are compared and looked up for each event, and byte by byte that is most of the work.
  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let result = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
      unsafe body(UnsafeRawBufferPointer(bytes))
    }
    return unsafe result ?? Array(text.utf8).withUnsafeBytes { unsafe body($0) }
  }
}

extension [String] {
  /// True if one of these texts has the same bytes.
  public func containsExactly(_ text: String) -> Bool { contains { ExactText($0) == ExactText(text) } }
}
