import ImportCore
import ImportStorage
import ImportSystem

extension EntryStatus {
  /// Takes over what the system floor says.
  init(_ status: FileStatus) {
    let kind: Kind =
      switch status.kind {
      case .regular: .regular
      case .directory: .directory
      default: .special(status.kind.rawValue)
      }
    self.init(
      kind: kind, identity: ImportCore.FileIdentity(status), links: status.links, owner: status.owner,
      mode: status.mode)
  }
}
