import Glibc
import ImportCore
import ImportSystem

/// Sees to it that the daemon may use what belongs to one set: where it lacks a right, it grants itself access by an entry of the
/// access control list, or says what a person must do.
struct SetAccess {
  /// An entry whose list was changed: its path in the set (nil: the folder itself), and what it was before and after.
  typealias Grant = (path: String?, before: EntryStatus, after: EntryStatus)

  /// The set's path, for the command in a remedy.
  let path: String
  /// False for tools that only explain.
  let mayGrant: Bool
  /// True for the files that lie in the drop directory itself.
  let isFlat: Bool
  /// Whose files the daemon grants itself access to, so that nobody can have another user's file imported by placing it in a set.
  enum Owner: Equatable {
    case nobody
    case user(UInt32)
    /// A flat set with a fixed control file has nothing to compare its files with.
    case anybody
  }

  var owner = Owner.nobody
  private(set) var grants: [Grant] = []

  /// The grants since this was asked last.
  mutating func takeGrants() -> [Grant] {
    defer { grants = [] }
    return grants
  }

  /// Makes sure that the daemon can do `need` with an entry of `directory`.
  ///
  /// - Returns: Why it cannot; nil if it can, or if access is not what is missing.
  mutating func obstacle(_ need: AccessNeed, to name: String, in directory: Directory, as place: String?)
    -> EntryObstacle?
  {
    guard let refusal = directory.rights.refusal(of: need, to: name), refusal.errno == EACCES else {
      return nil
    }
    return grant(need, to: name, in: directory, as: place)
  }

  /// The same for reading a regular file, which is asked only where its mode does not say that everybody may.
  mutating func obstacle(
    toReading name: String, _ status: EntryStatus, in directory: Directory, as place: String
  )
    -> EntryObstacle?
  {
    guard status.kind == .regular, status.mode & 0o004 == 0, status.owner != geteuid() else { return nil }
    return obstacle(.read, to: name, in: directory, as: place)
  }

  /// Grants access to an entry that could not be used.
  mutating func grant(_ need: AccessNeed, to name: String, in directory: Directory, as place: String?)
    -> EntryObstacle?
  {
    guard let status = try? directory.status(name) else { return nil }
    guard mayGrant else { return describe(need, status, place, errno: EPERM) }
    do throws(SystemError) {
      // The entry takes the place of what the user had as one of the others: a directory gets all that is ever needed.
      let all: AccessNeed = status.kind == .directory ? [.read, .write, .enter] : .read
      let (before, after) = try directory.rights.grant(
        all, to: EntryName(name), ifOwnedBy: try expectedOwner(of: status))
      grants.append((place, EntryStatus(before), EntryStatus(after)))
      return nil
    } catch {
      return describe(need, status, place, errno: error.errno)
    }
  }

  private func expectedOwner(of status: FileStatus) throws(SystemError) -> UInt32 {
    switch owner {
    case .nobody: throw SystemError(call: "grant access to", object: path, errno: EACCES)
    case .user(let owner): owner
    case .anybody: status.owner
    }
  }

  private func describe(_ need: AccessNeed, _ status: FileStatus, _ place: String?, errno code: Int32)
    -> EntryObstacle
  {
    let owner = "\(SystemUser.name(of: status.owner)):\(SystemUser.groupName(of: status.group))"
    let mode = String(status.mode, radix: 8)
    let who = "(owner \(owner), mode \(String(repeating: "0", count: max(0, 4 - mode.count)))\(mode))"
    let what =
      switch (status.kind, need.contains(.read)) {
      case (.directory, true): "cannot read this folder"
      case (.directory, false): "permission denied: the daemon needs write access to this folder"
      default: "cannot read this file"
      }
    let own = Self.quoted(place.map { "\(path)/\($0)" } ?? path)
    if let user = setOwner(not: status) {
      let name = SystemUser.name(of: user)
      let number = name == "uid \(user)" ? "\(user)" : nil
      return EntryObstacle(
        "\(what) \(who): it is not imported, because the set belongs to \(name)",
        remedy: "remove it; or, if its owner wants it imported, run as root: chown \(number ?? name) \(own)",
        isAccess: true)
    }
    // The drop directory itself is for all sets: of a flat one only the file is named.
    let (all, target) = isFlat ? ("", own) : ("-R ", Self.quoted(path))
    let command =
      code == EOPNOTSUPP
      ? "chgrp \(all)\(SystemUser.currentGroup) \(target) && chmod \(all)g+rwX \(target)"
      : "setfacl \(all)-m u:\(SystemUser.currentForCommand):rwX \(target)"
    return EntryObstacle("\(what) \(who)", remedy: "run as root: \(command)", isAccess: true)
  }

  /// The owner of the set, if this entry is another user's.
  private func setOwner(not status: FileStatus) -> UInt32? {
    if case .user(let user) = owner, user != status.owner { user } else { nil }
  }

  /// A path as one word of a shell's command.
  private static func quoted(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "-")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_") || byte >= 128
    }
    return isPlain
      ? path
      : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
