public import ImportCore
public import ImportSystem

/// The journal's file: lines are added at its end, and it is made anew from a snapshot when it has grown. Blocks;
/// to be used from one thread.
public final class JournalFile {
  /// Its name in the state directory.
  public static let name = "journal.jsonl"
  private static let purpose = "journal"
  private static let mode: UInt32 = 0o640

  private let directory: Directory
  private var file: WritableFile
  /// How many bytes of it are good; what a failed write left behind begins here.
  private(set) var length: Int64

  private init(directory: Directory, file: WritableFile, length: Int64) {
    self.directory = directory
    self.file = file
    self.length = length
  }

  /// Opens the existing file, of which `length` bytes are good, and makes them durable: a program that was killed may
  /// have written its last records only, and what is done because of them must not come before them.
  static func open(in directory: Directory, length: Int64) throws(SystemError) -> JournalFile {
    let file = try directory.openForWriting(name, mode: mode, for: purpose)
    try file.syncData(for: purpose)
    return JournalFile(directory: directory, file: file, length: length)
  }

  /// Opens a file that another program has left, and whose name it may not have made durable.
  static func reopen(in directory: Directory, length: Int64) throws(SystemError) -> JournalFile {
    try directory.sync(for: purpose)
    return try open(in: directory, length: length)
  }

  /// Puts a file with this content in place of any other, durably.
  static func replace(in directory: Directory, with content: [UInt8]) throws(SystemError) -> JournalFile {
    try directory.store(content, as: name, mode: mode, replacing: true, for: purpose)
    return try open(in: directory, length: Int64(content.count))
  }

  /// True if this is the file that stands under the journal's name: what is written to any other is lost.
  func isInPlace() throws(SystemError) -> Bool {
    try directory.status(Self.name)?.isSameFile(as: file.status()) ?? false
  }

  /// Keeps a copy of a damaged end before it is cut off, under a name that tells when.
  static func keep(_ bytes: [UInt8], at time: Timestamp, in directory: Directory) throws(SystemError)
    -> String
  {
    let copy = "\(name).torn-\(time.compact)"
    try directory.store(bytes, as: copy, mode: mode, replacing: true, for: purpose)
    return directory.path(of: copy)
  }

  /// Adds `bytes` at the end, not yet durable. After an error nothing of them counts.
  func append(_ bytes: [UInt8]) throws(SystemError) {
    try file.write(bytes, at: length, for: Self.purpose)
    length += Int64(bytes.count)
  }

  /// Cuts off what a failed write may have left behind the good bytes.
  func cutBack() throws(SystemError) { try file.truncate(to: length, for: Self.purpose) }

  /// Makes all that was added durable, as long as it is this file that a restart would read. (The caller checks that by
  /// ``isInPlace()``.)
  func sync() throws(SystemError) { try file.syncData(for: Self.purpose) }
}

/// Why the journal cannot be used, or cannot be used any longer.
public enum JournalFailure: Error, CustomStringConvertible {
  /// It cannot be trusted, and nothing was touched.
  case damaged(path: String, JournalDamage)
  /// It could not be opened or made.
  case unavailable(SystemError)
  /// A write or sync failed: what is on the disk is not known any more, so nothing more is recorded.
  case poisoned(SystemError)
  /// The file was deleted or replaced while it was in use: what is written to it is lost.
  case replaced(path: String)
  /// An event could not follow the ones before it: our bug.
  case contradiction(Contradiction)

  public var description: String {
    switch self {
    case .damaged(let path, let damage): "journal \(path), \(damage). \(damage.remedy)"
    case .unavailable(let error): "journal not available: \(error)"
    case .poisoned(let error): "the journal cannot be written any more: \(error)"
    case .replaced(let path):
      "the journal \(path) was deleted or replaced while the daemon was running; at the next start the sets in work/ are "
        + "held, unless the file is back"
    case .contradiction(let contradiction): contradiction.description
    }
  }
}
