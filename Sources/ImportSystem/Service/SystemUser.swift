import CLinux
import Glibc

/// Names users as the system knows them.
public enum SystemUser {
  /// The name of a user, or `uid N` where there is none.
  public static func name(of user: UInt32) -> String {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>? = nil
    var buffer = [CChar](repeating: 0, count: 16 << 10)
    let code = unsafe getpwuid_r(user, &entry, &buffer, buffer.count, &found)
    guard code == 0, unsafe found != nil, let name = unsafe entry.pw_name else { return "uid \(user)" }
    return unsafe String(cString: name)
  }

  /// The name of a group, or its number where there is none.
  public static func groupName(of id: UInt32) -> String {
    var entry = unsafe group()
    var found: UnsafeMutablePointer<group>? = nil
    var buffer = [CChar](repeating: 0, count: 64 << 10)
    let code = unsafe getgrgid_r(id, &entry, &buffer, buffer.count, &found)
    guard code == 0, unsafe found != nil, let name = unsafe entry.gr_name else { return "\(id)" }
    return unsafe String(cString: name)
  }

  /// The name of this process's group.
  public static var currentGroup: String { groupName(of: getegid()) }

  /// How setfacl(1) is told of whoever runs this process: the name, or the number where there is none.
  public static var currentForCommand: String {
    let name = current
    return name.hasPrefix("uid ") ? "\(geteuid())" : name
  }

  /// The name of whoever runs this process.
  public static var current: String { name(of: geteuid()) }
}

extension SystemUser {
  /// Performs `body` with the effective user, group and supplementary groups of the user `name`, then restores those of
  /// this process. These ids belong to the whole process, so nothing else may be in progress meanwhile.
  ///
  /// - Returns: nil, without performing `body`, if this process is not root or there is no such user.
  public static func acting<Result, Problem: Error>(
    as name: String, _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result? {
    guard geteuid() == 0, let user = ids(of: name), let groups = supplementaryGroups() else { return nil }
    guard unsafe initgroups(name, user.group) == 0 else { return nil }
    defer { restore(groups) }
    guard setegid(user.group) == 0, seteuid(user.user) == 0 else { return nil }
    return try body()
  }

  private static func ids(of name: String) -> (user: uid_t, group: gid_t)? {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>? = nil
    var buffer = [CChar](repeating: 0, count: 16 << 10)
    let code = unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found)
    guard code == 0, unsafe found != nil else { return nil }
    return unsafe (entry.pw_uid, entry.pw_gid)
  }

  private static func supplementaryGroups() -> [gid_t]? {
    var groups = [gid_t](repeating: 0, count: 1 << 16)  // the kernel's limit
    let count = unsafe getgroups(Int32(groups.count), &groups)
    return count < 0 ? nil : Array(groups.prefix(Int(count)))
  }

  /// The saved ids are still root's, so this cannot fail; to continue as another user would be wrong in any case.
  private static func restore(_ groups: [gid_t]) {
    let isRoot = seteuid(0) == 0 && setegid(getgid()) == 0
    let hasGroups = unsafe setgroups(groups.count, groups) == 0
    precondition(isRoot && hasGroups, "cannot return to the user root")
  }
}

/// Whose rights this process has.
public enum ServiceUser {
  /// Makes a process of root act as the owner of the directory at `path` from now on, for good and in all threads, so that the
  /// files that it creates belong to the daemon's user. Without effect for any other user, for a directory of root's, and for a
  /// missing one. Missing directories of `others` are created first, for that owner, because only root may.
  ///
  /// The calling thread keeps CAP_FOWNER and CAP_LEASE, the two capabilities of the service, and so does each thread that it
  /// starts afterwards. Threads that exist already have none.
  public static func assumeOwner(of path: String, making others: [String]) throws(SystemError) {
    var status = stat()
    guard geteuid() == 0, unsafe stat(path, &status) == 0, status.st_uid != 0 else { return }
    let account = unsafe getpwuid(status.st_uid)
    let group = unsafe account?.pointee.pw_gid ?? status.st_gid
    for other in others where unsafe mkdir(other, 0o755) == 0 {
      try check(unsafe chown(other, status.st_uid, group), "change owner of", other)
    }
    if let account = unsafe account {
      try check(unsafe initgroups(account.pointee.pw_name, group), "take the groups of", path)
    } else {
      try check(unsafe setgroups(1, [group]), "take the groups of", path)
    }
    try check(setgid(group), "take the group of", path)
    try check(haplo_become_user(status.st_uid), "become the owner of", path)
  }

  private static func check(_ result: Int32, _ call: String, _ path: String) throws(SystemError) {
    if result != 0 { throw SystemError(call: call, object: "'\(path)'", errno: errno) }
  }
}
