/// Names the two pages on which the server shows what became of a batch, as faults and counts write them.
public enum OutcomePage: String, Sendable, CaseIterable {
  /// `/do/haplo-data-import-batch/batches`: all batches, newest first.
  case list = "list-page"
  /// `/do/haplo-data-import-batch/batch/ID`: one batch, with its log.
  case batch = "batch-page"

  static let folder = "/do/haplo-data-import-batch/"
  /// The path to which a key for the pages is bound. Both pages begin with it.
  static let keyPath = folder + "batch"

  /// The page of a path; nil for every other path.
  init?(path: String) {
    switch path {
    case Self.folder + "batches": self = .list
    case Self.folder + "batch": self = .batch
    default:
      guard path.hasPrefix(Self.folder + "batch/") else { return nil }
      self = .batch
    }
  }

  /// The path of a batch's own page.
  static func path(ofBatch number: Int) -> String { "\(folder)batch/\(number)" }

  /// The database number in the path of a batch's own page; nil if the path has none.
  static func batchNumber(in path: String) -> Int? {
    let text = path.dropFirst((folder + "batch/").count)
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
