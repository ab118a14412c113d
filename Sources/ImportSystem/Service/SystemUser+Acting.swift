import Glibc

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
