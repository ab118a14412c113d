/// A key of the control file's `files` and the file that is meant by it.
public struct MappedFile: Hashable, Sendable {
  /// The key: the upload's `name`.
  public var key: String
  /// The file's name in the set.
  public var file: String

  /// Takes a key and its file.
  public init(key: String, file: String) {
    self.key = key
    self.file = file
  }
}

/// A set that was judged complete, with all that a claim must know to take exactly what was judged.
public struct CompleteSet: Hashable, Sendable {
  /// What is to be renamed, in which order.
  public var claim: Claim
  /// The file for each key, in the order of the control file's `files`.
  public var files: [MappedFile]
  /// Every file that was judged, by its path in the set: for a folder all that is inside, for a flat set the items.
  public var contents: [Claim.Item]
  /// What the set's `SHA256SUMS` says, and was found to be true, by file name; empty without one.
  public var digests: [ExactText: SHA256Digest]
  /// The bytes of the source's fixed control file; nil when the set has one of its own.
  public var fixedControl: [UInt8]?
  /// Its place in the order of arrival.
  public var arrival: Arrival

  /// What people call the set: the folder's name, or the control file's.
  public var name: String { claim.name }
}

/// Something dropped that can never become a delivery: to be taken and rejected.
public struct RefusedDrop: Hashable, Sendable {
  /// What is to be renamed: the folder, or the control file alone, or what there is of an incomplete flat set.
  public var claim: Claim
  /// Every file that was judged, by its path in the set.
  public var contents: [Claim.Item]
  /// The bytes of the source's fixed control file; nil when the set has one of its own.
  public var fixedControl: [UInt8]?
  /// Why.
  public var reason: Reason

  /// What people call it: the folder's name, or the control file's.
  public var name: String { claim.name }
}
