/// Makes text from outside (file names, answers of a server, values of a configuration) safe to print: on a terminal, in
/// a log line and in a text file. Every printer uses this one function; JSON output has JSON's own escapes instead.
public enum PrintableText {
  /// Replaces each character that a reader cannot see, or that changes how its neighbours are shown, by the bytes of its
  /// UTF-8 as `\xHH`: control characters, line separators, and everything that Unicode has drawn as nothing (zero-width
  /// characters and bidirectional controls, with which one name can be made to look like another).
  public static func escaping(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      guard isInvisible(scalar) else { return result.unicodeScalars.append(scalar) }
      for byte in String(scalar).utf8 { result += escape(byte) }
    }
  }

  /// Does the same to each line of a text, and keeps the line breaks.
  public static func escapingLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { escaping(String($0)) }
      .joined(separator: "\n")
  }

  /// Makes one line of several, for readers who have room for one only: a line goes on after a colon, and begins a new
  /// statement after anything else. Nothing is left out, and nothing is escaped.
  public static func joiningLines(_ text: String) -> String {
    let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
      var line = line.drop(while: isSpace)
      while let last = line.last, isSpace(last) { line.removeLast() }
      return String(Substring(line))
    }
    return lines.filter { !$0.isEmpty }.reduce(into: "") { result, line in
      if !result.isEmpty { result += result.utf8.last == UInt8(ascii: ":") ? " " : "; " }
      result += line
    }
  }

  /// Makes text of bytes that need not be UTF-8: each byte that belongs to no character becomes `\xHH`, as does what
  /// ``escaping(_:)`` replaces.
  public static func escaping(bytes: some Collection<UInt8>) -> String {
    var result = ""
    var decoder = UTF8()
    var rest = Array(bytes)[...]
    while let first = rest.first {
      var iterator = rest.makeIterator()
      decoder = UTF8()
      if case .scalarValue(let scalar) = decoder.decode(&iterator) {
        result += escaping(String(scalar))
        rest = rest.dropFirst(String(scalar).utf8.count)
      } else {
        result += escape(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0d].contains(byte) }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return scalar.isControl }
    switch scalar.value {
    case 0x2028, 0x2029, 0xfff9...0xfffb: return true
    default: return scalar.isControl || scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  private static func escape(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "\\x" + (digits.count == 1 ? "0" : "") + digits
  }
}

extension String {
  /// The text as it may be shown to people: names and texts come from outside.
  var shown: String { PrintableText.escaping(self) }
}

extension Unicode.Scalar {
  /// True for a control character: Unicode's category Cc, which is these 65 and never gets another (Unicode Character
  /// Encoding Stability Policies). Asking the tables for the category takes far longer, and every name is asked.
  public var isControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) }
}

/// A text that is equal only to the same bytes. Swift's strings are equal when they look the same (an é in one
/// code point or in two), but to the kernel and to the server these are two names.
public struct ExactText: Hashable, Comparable, Sendable {
  public let text: String

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

/// A word of a command that people copy into a shell.
public struct ShellWord: CustomStringConvertible {
  /// The word: plain where every character is harmless, otherwise in single quotes.
  public let description: String

  /// Quotes a word where the shell needs it.
  public init(_ word: String) {
    let isPlain = !word.isEmpty && word.utf8.allSatisfy(Self.isPlain)
    description = isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "/._-+:@,".utf8.contains(byte)
    }
  }
}
