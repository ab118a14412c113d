import CSimulation

/// Real time, which the rest of the program never sees.
enum Stopwatch {
  /// Milliseconds since the program began.
  static var milliseconds: Int64 { simulation_real_milliseconds() - start }
  private static let start = simulation_real_milliseconds()

  static func begin() { _ = start }
}
