import CLinux
import Glibc

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
