import ImportCore
import ImportStorage
import ImportSystem

/// The journal's file as it is at one moment, read beside a daemon that may be writing to it.
struct JournalCopy {
  /// The most bytes that are read: more than any journal of this program has.
  private static let largest = 1 << 31

  let path: String
  /// Nil if there is no journal yet.
  let reading: JournalReading?

  /// Reads the whole file.
  ///
  /// - Throws: ``SystemError`` if it cannot be read, ``SpoolReports/Failure`` if it is damaged.
  init(_ stateDirectory: String, fileSystem: FileSystem, keepsRecords: Bool = false) throws {
    path = "\(stateDirectory)/\(JournalFile.name)"
    let bytes: [UInt8]
    do {
      bytes = try fileSystem.openDirectory(stateDirectory).readFile(JournalFile.name, atMost: Self.largest)
    } catch {
      guard error.isMissing else { throw error }
      reading = nil
      return
    }
    do {
      reading = try JournalReading(bytes, keepsRecords: keepsRecords)
    } catch {
      throw SpoolReports.Failure.journal(path: path, error)
    }
  }
}
