/// The intention to take one set out of its drop directory, journaled before the first rename, so
/// that a restart can finish by these identities and nothing is taken that was not judged.
public struct Claim: Hashable, Codable, Sendable {
  /// One file (or the folder) to be taken.
  public struct Item: Hashable, Codable, Sendable {
    /// Name in the drop directory, and later in the set's `files/`.
    public var name: String
    /// How it looked when it was judged.
    public var identity: FileIdentity

    /// Takes a name and how the file looked when it was judged.
    public init(name: String, identity: FileIdentity) {
      self.name = name
      self.identity = identity
    }
  }

  /// How the set was dropped.
  public var form: SetForm
  /// The folder's name, or the control file's for a flat set: what people call the set, and what `Order=name` compares.
  public var name: String
  /// Absolute path of the drop directory.
  public var directory: String
  /// Name of the control file in the set; nil when the source has a fixed one, whose bytes are then kept as
  /// `control.json` beside `files/`.
  public var control: String?
  /// When the set was seen complete.
  public var completed: Timestamp
  /// For a folder the folder alone; for a flat set its files in the order of renaming (the control file last).
  public var items: [Item]

  /// Takes the parts of a claim.
  public init(
    form: SetForm, name: String, directory: String, control: String?, completed: Timestamp, items: [Item]
  ) {
    self.control = control
    self.form = form
    self.name = name
    self.directory = directory
    self.completed = completed
    self.items = items
  }
}
