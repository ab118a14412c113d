public import ImportCore
public import ImportSystem

extension Spool {
  /// Deletes the folder of a discarded set from `held/` or `rejected/`. First it is renamed out of sight, so that a crash
  /// leaves no set half there; a repetition deletes the rest. Durable on return. A folder that is gone already is no error.
  public func discard(_ set: SetID, from place: Delivery.Place) throws(SystemError) {
    guard let folder = try existingFolder(place.area, for: set) else { return }
    let doomed = Self.discardedPrefix + set.text
    if try folder.status(set.text) != nil {
      // Of an earlier deletion that a crash ended: the set was dropped there again by hand.
      if try folder.status(doomed) != nil { try folder.removeTree(doomed, for: "discard") }
      try folder.rename(set.text, to: folder, as: doomed, for: "discard")
      try folder.sync(for: "discard")
    }
    if try folder.status(doomed) != nil { try folder.removeTree(doomed, for: "discard") }
    try folder.sync(for: "discard")
  }

  /// True if a set's folder is in an area.
  public func hasFolder(of set: SetID, in area: SpoolArea) throws(SystemError) -> Bool {
    try existingFolder(area, for: set)?.status(set.text) != nil
  }

  private static let discardedPrefix = ".discarded-"
}
