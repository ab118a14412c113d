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

  /// The name of whoever runs this process.
  public static var current: String { name(of: geteuid()) }
}
