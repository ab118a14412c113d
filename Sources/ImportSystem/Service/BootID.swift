/// Which start of the machine this is.
public enum BootID {
  /// The kernel's random name for it (random(4)); nil where /proc does not say.
  public static let current: String? = {
    guard
      let bytes = try? FileSystem().openFile("/proc/sys/kernel/random/boot_id", for: "look").readAll(
        atMost: 64)
    else { return nil }
    return String(validating: bytes.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }()
}
