/// Collects an application/x-www-form-urlencoded body, of at most 1 MiB, and takes it apart.
struct FormBody {
  static let limit = 1024 * 1024

  private var bytes: [UInt8] = []
  private var isTooLong = false

  mutating func consume(_ piece: UnsafeRawBufferPointer) {
    guard !isTooLong, bytes.count + piece.count <= Self.limit else {
      isTooLong = true
      bytes = []
      return
    }
    bytes.append(contentsOf: piece.assumingMemoryBound(to: UInt8.self))
  }

  /// Splits on `&` only. Raw non-ASCII voids the whole body: it has no parameters then.
  func read() -> BodyReading {
    if isTooLong { return .broken }
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return .parameters(Parameters()) }
    var found: [String: String] = [:]
    for pair in bytes.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let value = Self.decoded(pair[equals...].dropFirst())
      if value.contains(0) { return .broken }
      if value.count > Parameters.textLimit { return .valueTooLong }
      found[String(decoding: Self.decoded(pair[..<equals]), as: UTF8.self)] =
        String(decoding: value, as: UTF8.self)
    }
    return .parameters(Parameters(texts: found))
  }

  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): result.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.first.flatMap(hexDigit), let low = rest.dropFirst().first.flatMap(hexDigit)
        else {
          result.append(byte)
          continue
        }
        result.append(high << 4 | low)
        rest = rest.dropFirst(2)
      default: result.append(byte)
      }
    }
    return result
  }
}
