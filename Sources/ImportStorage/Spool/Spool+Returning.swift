public import ImportCore
public import ImportSystem

extension Spool {
  /// Moves a set's folder back into `work/`, without the reason or receipt of its earlier life: a receipt is kept under
  /// the time at which it was put aside. Durable on return; repeating is harmless. False if the folder is in neither
  /// place.
  public func moveBack(_ set: SetID, from place: Delivery.Place) throws(SystemError) -> Bool {
    let work = try folder(.work, for: set)
    let old = try existingFolder(place.area, for: set)
    let isThere = try work.status(set.text) != nil
    if let old, try old.status(set.text) != nil {
      if isThere {
        try removeDouble(of: set, in: old, standingIn: work, for: "return")
      } else {
        try old.rename(set.text, to: work, as: set.text, for: "return")
      }
      try work.sync(for: "return")
      try old.sync(for: "return")
    } else if !isThere {
      return false
    }
    let own = try work.openDirectory(set.text)
    for name in ["reason.json", "REASON.txt"] { try own.removeIfThere(name, for: "return") }
    if let receipt = try own.status("receipt.json") {
      let name = "receipt-\(receipt.modificationTime).json"
      try own.rename("receipt.json", to: own, as: name, replacing: true, for: "return")
    }
    try own.sync(for: "return")
    return true
  }
}

extension Delivery.Place {
  /// The folder of the spool that is meant.
  public var area: SpoolArea {
    switch self {
    case .held: .held
    case .rejected: .rejected
    case .archive: .archive
    }
  }
}
