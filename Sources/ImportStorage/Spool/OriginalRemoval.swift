import ImportSystem

/// Removal of an original that was copied. An exporter may rename a new file over the original at any moment, so the name
/// is moved aside first, where no exporter looks for it, and removed only if it still is the file that was copied.
struct OriginalRemoval {
  private let directory: Directory
  private let name: String
  /// Where the original stands between its removal from its place and the check that it is the copied one.
  private let aside: String
  private let isCopied: (OpenFile) throws(SystemError) -> Bool

  /// Takes where the original is, a number that no other original there has and that is the same after a crash, and a
  /// check whether a file is the one that was copied.
  init(
    _ directory: Directory, _ name: String, _ number: UInt64,
    isCopied: @escaping (OpenFile) throws(SystemError) -> Bool
  ) {
    self.directory = directory
    self.name = name
    aside = ".haplo-importd.\(number).part"
    self.isCopied = isCopied
  }

  /// Removes the file if it is the copied one and no program has it open for writing; any other stays under its name.
  /// Finishes what a crash left aside.
  func perform() throws(SystemError) {
    try settle()
    guard let found = try directory.status(name), found.kind == .regular else { return }
    // Most files that were replaced are found so without being touched.
    guard try isCopied(directory.openForReading(name, for: "claim")) else { return }
    do {
      try directory.rename(name, to: directory, as: aside, for: "claim")
    } catch  where error.isMissing {
      return
    }
    try settle()
  }

  /// Removes the file that stands aside, or gives it its name back. If the exporter has put another file there meanwhile,
  /// neither is touched: the file stays aside.
  private func settle() throws(SystemError) {
    guard try directory.status(aside) != nil else { return }
    if try isFinished() { return try directory.unlink(aside, for: "claim") }
    do { try directory.rename(aside, to: directory, as: name, for: "claim") } catch  where error.exists {}
  }

  /// True if the file is the copied one and nobody writes to it. A lease is held while that is found out.
  private func isFinished() throws(SystemError) -> Bool {
    do {
      let file = try directory.openForReading(aside, for: "claim")
      let lease = try file.takeReadLease()
      guard try isCopied(file) else { return false }
      return lease?.isIntact != false
    } catch  where error.isInUse || error.isNotRegularFile {
      return false
    }
  }
}
