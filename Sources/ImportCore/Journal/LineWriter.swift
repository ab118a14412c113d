/// Writes one JSON text (RFC 8259) without white space, the members of each object sorted by the bytes of their names:
/// what `JSONEncoder` writes with `.sortedKeys` and `.withoutEscapingSlashes`, to the byte.
///
/// The text stands in the buffer from the beginning as it is going to stay; only an object whose members came in another
/// order is put in order when it is closed. An object or array is known by where it begins. It is closed as soon as
/// something is added to one around it, so nothing can be added to it later.
struct LineWriter {
  private struct Container {
    var start: Int
    /// Nil for an array.
    var firstMember: Int?
    var isEmpty = true
    var isSorted = true
  }

  /// Where a member of an open object stands, from the quotation mark before its name.
  private struct Member {
    var start: Int
    var nameEnd: Int
    var end = 0
  }

  private var bytes: [UInt8] = []
  /// The containers that are open, from the outermost.
  private var containers: [Container] = []
  /// The members of all open objects.
  private var members: [Member] = []
  private var isValueDue = true
  /// An object before its members are put in order.
  private var copy: [UInt8] = []

  /// Begins a text after the bytes that are there, and takes them: a second owner would have them copied.
  init(taking bytes: inout [UInt8]) { swap(&self.bytes, &bytes) }

  /// Closes what is open and gives the bytes back.
  mutating func finish(into bytes: inout [UInt8]) {
    precondition(!isValueDue, "something was encoded as nothing")
    while !containers.isEmpty { closeLast() }
    swap(&self.bytes, &bytes)
  }

  // MARK: Containers

  mutating func beginObject() -> Int { begin(Container(start: bytes.count, firstMember: members.count), "{") }

  mutating func beginArray() -> Int { begin(Container(start: bytes.count), "[") }

  private mutating func begin(_ container: Container, _ bracket: Unicode.Scalar) -> Int {
    beginValue()
    containers.append(container)
    bytes.append(UInt8(ascii: bracket))
    return container.start
  }

  /// Begins a member of an object, whose value is to follow.
  mutating func beginMember(_ name: String, of object: Int) {
    let isFirst = beginElement(of: object)
    let start = bytes.count
    writeText(name)
    let member = Member(start: start, nameEnd: bytes.count - 1)
    precondition(
      member.nameEnd - start - 1 == name.utf8.count, "no name has characters that are escaped: \(name)")
    if !isFirst, !precedes(members[members.count - 1], member) {
      containers[containers.count - 1].isSorted = false
    }
    members.append(member)
    bytes.append(UInt8(ascii: ":"))
  }

  /// Makes room for another element of an array, or a member of an object; true for the first one.
  @discardableResult
  mutating func beginElement(of container: Int) -> Bool {
    precondition(!isValueDue, "something was encoded as nothing")
    while let last = containers.last, last.start > container { closeLast() }
    let last = containers.count - 1
    precondition(
      last >= 0 && containers[last].start == container, "something was added after its container's end")
    isValueDue = true
    if containers[last].isEmpty {
      containers[last].isEmpty = false
      return true
    }
    bytes.append(UInt8(ascii: ","))
    return false
  }

  private mutating func closeLast() {
    let container = containers.removeLast()
    guard let firstMember = container.firstMember else { return bytes.append(UInt8(ascii: "]")) }
    if !container.isSorted { sortMembers(from: firstMember) }
    members.removeLast(members.count - firstMember)
    bytes.append(UInt8(ascii: "}"))
  }

  /// Puts the members of the innermost object in order, up to the end of what is written.
  private mutating func sortMembers(from first: Int) {
    var end = bytes.count
    for index in (first..<members.count).reversed() {
      members[index].end = end
      end = members[index].start - 1
    }
    let start = members[first].start
    // There are few, and many stand as they should.
    for index in (first + 1)..<members.count {
      var place = index
      while place > first, !precedes(members[place - 1], members[place]) {
        members.swapAt(place - 1, place)
        place -= 1
      }
    }
    copy.removeAll(keepingCapacity: true)
    copy.append(contentsOf: bytes[start...])
    bytes.removeLast(copy.count)
    for index in first..<members.count {
      if index > first { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: copy[(members[index].start - start)..<(members[index].end - start)])
    }
  }

  private func precedes(_ left: Member, _ right: Member) -> Bool {
    var (leftAt, rightAt) = (left.start + 1, right.start + 1)
    while leftAt < left.nameEnd, rightAt < right.nameEnd {
      if bytes[leftAt] != bytes[rightAt] { return bytes[leftAt] < bytes[rightAt] }
      leftAt += 1
      rightAt += 1
    }
    precondition(left.nameEnd - leftAt != right.nameEnd - rightAt, "an object has each name once")
    return leftAt == left.nameEnd
  }

  // MARK: Values

  mutating func write(_ string: String) {
    beginValue()
    writeText(string)
  }

  mutating func write(_ word: StaticString) {
    beginValue()
    bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  @inline(__always)
  mutating func write(_ number: some FixedWidthInteger) {
    beginValue()
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    writeDigits(UInt64(number.magnitude))
  }

  private mutating func beginValue() {
    precondition(isValueDue, "a value was encoded twice")
    isValueDue = false
  }

  private mutating func writeDigits(_ magnitude: UInt64) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var first = digits.count
    var rest = magnitude
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    for at in first..<digits.count { bytes.append(digits[at]) }
  }

  private mutating func writeText(_ string: String) {
    bytes.append(UInt8(ascii: "\""))
    var string = string
    string.withUTF8 { text in
      var written = 0
      for at in text.indices where text[at] < 32 || text[at] == 0x22 || text[at] == 0x5C {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written..<at]))
        writeEscape(text[at])
        written = at + 1
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[written...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func writeEscape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 8: bytes.append(UInt8(ascii: "b"))
    case 9: bytes.append(UInt8(ascii: "t"))
    case 10: bytes.append(UInt8(ascii: "n"))
    case 12: bytes.append(UInt8(ascii: "f"))
    case 13: bytes.append(UInt8(ascii: "r"))
    case 0..<32:
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(UInt8(ascii: byte < 16 ? "0" : "1"))
      bytes.append(Array("0123456789abcdef".utf8)[Int(byte % 16)])
    default: bytes.append(byte)
    }
  }
}
