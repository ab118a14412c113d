import CLinux
import Glibc

/// Lets a process step back behind everything else.
public enum BackgroundPriority {
  /// Gives this process the lowest share of the processor (nice 19) and of the disk (the idle class of ioprio_set(2)).
  /// Where the system does not allow that, it works on as before.
  public static func take() {
    _ = nice(19)
    _ = haplo_be_idle_on_disk()
  }
}
