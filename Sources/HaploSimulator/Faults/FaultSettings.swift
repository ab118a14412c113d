/// Hands out a fault's settings one by one, so that what nobody asked for is an error.
struct FaultSettings {
  private var values: [String: String]

  /// Of two settings of one name the later counts.
  init(_ pairs: [(name: String, value: String)]) {
    values = Dictionary(pairs.map { ($0.name, $0.value) }) { $1 }
  }

  /// Complains about what was not taken.
  func finish() throws(FaultSyntaxError) {
    guard let name = values.keys.sorted().first else { return }
    throw FaultSyntaxError(description: "'\(name)' is not a setting of this fault")
  }

  mutating func text(_ name: String) -> String? { values.removeValue(forKey: name) }

  mutating func count(_ name: String) throws(FaultSyntaxError) -> Int? {
    try read(name, "a number") { text in Int(text).flatMap { $0 >= 0 ? $0 : nil } }
  }

  mutating func seed(_ name: String) throws(FaultSyntaxError) -> UInt64? {
    try read(name, "a number") { UInt64($0) }
  }

  mutating func share(_ name: String) throws(FaultSyntaxError) -> Double? {
    try read(name, "a number from 0 to 1") { text in
      Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
    }
  }

  mutating func status() throws(FaultSyntaxError) -> Int? {
    try read("status", "a status from 200 to 599") { text in
      Int(text).flatMap { (200...599).contains($0) ? $0 : nil }
    }
  }

  mutating func moment() throws(FaultSyntaxError) -> Fault.Moment? {
    try read("at", "headers, body or end") { Fault.Moment(rawValue: $0) }
  }

  mutating func time(_ name: String) throws(FaultSyntaxError) -> Duration? {
    try read(name, "a time (50ms, 1.5s, 2min)") { Duration(simulatorText: $0) }
  }

  private mutating func read<Value>(_ name: String, _ wanted: String, _ convert: (String) -> Value?)
    throws(FaultSyntaxError) -> Value?
  {
    guard let text = text(name) else { return nil }
    guard let value = convert(text) else {
      throw FaultSyntaxError(description: "'\(name)=\(text)' is not \(wanted)")
    }
    return value
  }
}

extension Duration {
  /// Reads `50ms`, `1.5s`, `2min`, `1h`; a bare number means seconds. At most a day.
  public init?(simulatorText text: String) {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let value = Double(number), let unit = Self.unit(text[number.endIndex...]) else { return nil }
    guard value * unit <= 86400 else { return nil }
    self = .seconds(value * unit)
  }

  private static func unit(_ name: Substring) -> Double? {
    switch name {
    case "ms": 0.001
    case "", "s": 1
    case "min": 60
    case "h": 3600
    default: nil
    }
  }
}
