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
