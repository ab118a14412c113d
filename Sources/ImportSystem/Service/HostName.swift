import CLinux
import Glibc

/// This machine's own name.
public enum HostName {
  /// As gethostname(2) tells it; `localhost` if it does not.
  public static var current: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0, name[0] != 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

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

/// Lets a process step back behind everything else.
public enum BackgroundPriority {
  /// Gives this process the lowest share of the processor (nice 19) and of the disk (the idle class of ioprio_set(2)).
  /// Where the system does not allow that, it works on as before.
  public static func take() {
    _ = nice(19)
    _ = haplo_be_idle_on_disk()
  }
}
