import FoundationEssentials
import ImportRuntime
import ImportService

/// With `HAPLO_DEFAULT_QUIET=1` the tests that ask for no quiet time of their own have the default of `QuietSec=`, which passes a
/// thousand times as fast as the world's.
enum QuietTime {
  static let isDefault = ProcessInfo.processInfo.environment["HAPLO_DEFAULT_QUIET"] == "1"

  static var ofTests: Duration { isDefault ? .seconds(5) : .zero }

  static var clock: any Time { isDefault ? FastTime() : SystemTime() }
}
