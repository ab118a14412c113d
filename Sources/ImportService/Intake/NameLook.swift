import ImportCore
import ImportSystem

/// A look at single names of the drop directory, and into folders that are new. Everything here blocks and belongs on a worker.
struct NameLook: Sendable {
  let scan: DropScan
  /// The drop directory as it was when it was last listed.
  let own: EntryStatus
  let newcomers: Newcomers
  let taker: any ClaimTaker

  /// What became of one name.
  struct Seen: Sendable {
    let name: EntryName
    /// Nil if it is gone.
    let status: EntryStatus?
    /// What was found in it, if it is a folder that is new.
    let look: (CandidateLook, CandidateLook.Ending)?
  }

  struct Found: Sendable {
    /// Nil if the path does not lead to the drop directory any more.
    let names: [Seen]?
    /// What a look for room found, if a set is complete.
    let room: RoomFinding?
  }

  func run(_ names: [EntryName]) throws(SystemError) -> Found {
    var visit = DropVisit(scan, nil)
    guard let found = try visit.look(names, in: own) else { return Found(names: nil, room: nil) }
    let seen = found.map { name, status in
      Seen(name: name, status: status, look: newcomers.look(name, status, visit))
    }
    let isComplete = seen.contains { $0.look?.1.isComplete == true }
    return Found(names: seen, room: isComplete ? taker.lookForRoom() : nil)
  }

  /// Prepares, after whoever waits has been told, what will be wanted next of a set that is complete.
  func prepare(_ found: Found) {
    guard let look = found.names?.first?.look, let folder = look.0.opened, let control = look.1.control
    else { return }
    taker.prepare(for: folder, control: control)
  }
}
