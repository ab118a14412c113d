import Glibc

/// The options of the program.
struct Options {
  var first: UInt64 = 1
  var count = 100
  var hours = 48
  var processes = 2
  /// One seed, with all that happens printed.
  var single: UInt64?
  var without: Set<Int> = []
  var controls = false
  var minimises = true
  /// Prints the daemon's changes of the disk too.
  var calls = false

  init(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    func value() -> String {
      guard let value = rest.popFirst() else { Self.refuse() }
      return value
    }
    func number() -> Int { Int(value()) ?? -1 }
    while let name = rest.popFirst() {
      switch name {
      case "--first": first = UInt64(max(number(), 0))
      case "--seeds": count = number()
      case "--hours": hours = number()
      case "--jobs": processes = number()
      case "--seed": single = UInt64(max(number(), 0))
      case "--without": without = Set(value().split(separator: ",").compactMap { Int($0) })
      case "--controls": controls = true
      case "--calls": calls = true
      case "--as-it-is": minimises = false
      default: Self.refuse()
      }
    }
    if count < 1 || hours < 1 || processes < 1 { Self.refuse() }
  }

  private static func refuse() -> Never {
    say(
      """
      usage: haplo-simulation [--seeds COUNT] [--first SEED] [--hours HOURS] [--jobs COUNT] [--as-it-is]
             haplo-simulation --seed SEED [--hours HOURS] [--without NUMBERS] [--calls]
             haplo-simulation --controls

      """)
    exit(64)
  }
}
