public import ImportCore
public import ImportSystem

/// A data file whose records are compared with those of another one.
public struct ComparedFile: Sendable {
  /// Its path.
  public var path: String
  /// Reader of the server, with its options.
  public var options: ReaderOptions
  private let fileSystem: FileSystem

  /// Takes a file that need not be there yet.
  public init(path: String, options: ReaderOptions, fileSystem: FileSystem) {
    self.path = path
    self.options = options
    self.fileSystem = fileSystem
  }

  /// Reads all records. Blocks.
  func read(_ demand: RecordDemand, _ body: (RecordBatch, FieldNames) throws -> Void) throws {
    guard var reader = RecordReader(options, demand) else { throw RecordDiff.Failure.notReadable(path) }
    var failure: (any Error)?
    func take(_ batch: RecordBatch, _ names: FieldNames) {
      do { if failure == nil { try body(batch, names) } } catch { failure = error }
    }
    try fileSystem.openFile(path, for: "compare").forEachBlock(checking: { failure != nil }) {
      reader.take($0, take)
    }
    let problem = reader.finish(take)
    if let failure { throw failure }
    if let problem { throw RecordDiff.Failure.broken(path, problem) }
  }
}
