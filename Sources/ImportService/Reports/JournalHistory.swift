import Glibc
import ImportCore
import ImportStorage
import ImportSystem

/// Finds the records of one set in the journal's file, block by block, so that memory does not grow with the journal.
struct JournalHistory {
  /// The most records that are returned: the newest ones.
  static let largest = 1000
  private static let blockSize = 1 << 20

  private let file: OpenFile?

  /// Opens the journal in a state directory; one that is not there has no records.
  init(_ stateDirectory: String, fileSystem: FileSystem) throws(SystemError) {
    do {
      file = try fileSystem.openDirectory(stateDirectory).openForReading(JournalFile.name)
    } catch {
      guard error.isMissing else { throw error }
      file = nil
    }
  }

  /// The events of a set, oldest first, as far as the journal still has them. Lines that are not whole are left out.
  func records(of set: SetID) throws(SystemError) -> [JournalRecord] {
    guard let file else { return [] }
    let name = Array("\"\(set)\"".utf8)
    var records: [JournalRecord] = []
    var rest: [UInt8] = []
    var offset: Int64 = 0
    while true {
      let block = try file.read(Self.blockSize, at: offset)
      if block.isEmpty { return records }
      offset += Int64(block.count)
      rest += block
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
      for line in Self.lines(of: rest[...end], containing: name) {
        guard let record = JournalLine.decode(JournalRecord.self, line),
          case .event(_, let own) = record.entry, own == set
        else { continue }
        records.append(record)
        if records.count == 2 * Self.largest { records.removeFirst(Self.largest) }
      }
      rest.removeSubrange(...end)
    }
  }

  /// The lines, without their newlines, in which these bytes are.
  private static func lines(of text: ArraySlice<UInt8>, containing bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = text.startIndex
    while let hit = find(bytes, in: text[start...]) {
      let newline = UInt8(ascii: "\n")
      let first = text[start..<hit].lastIndex(of: newline).map { $0 + 1 } ?? start
      let last = text[hit...].firstIndex(of: newline) ?? text.endIndex
      lines.append(text[first..<last])
      start = min(last + 1, text.endIndex)
    }
    return lines
  }

  private static func find(_ bytes: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    text.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, buffer.count >= bytes.count else { return nil }
      var start = 0
      while start <= buffer.count - bytes.count,
        let hit = memchr(base + start, Int32(bytes[0]), buffer.count - bytes.count - start + 1)
      {
        if memcmp(hit, bytes, bytes.count) == 0 { return text.startIndex + (UnsafeRawPointer(hit) - base) }
        start = UnsafeRawPointer(hit) - base + 1
      }
      return nil
    }
  }
}
