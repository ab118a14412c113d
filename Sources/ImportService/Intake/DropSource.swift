public import ImportCore

/// One source as the intake knows it.
public struct DropSource: Sendable {
  public var name: SourceName
  /// Absolute path of its drop directory.
  public var directory: String
  /// What makes a set complete.
  public var rules: IntakeRules
  /// How often everything is looked at though nothing was reported; nil for never, where events can be relied on.
  public var rescan: Duration?
  /// After how long an incomplete set is reported.
  public var incompleteWarn: Duration?
  /// After how long an incomplete set is rejected.
  public var incompleteReject: Duration?
  /// How its sets are ordered.
  public var order: ScheduleOrder

  public init(
    name: SourceName, directory: String, rules: IntakeRules, rescan: Duration?, incompleteWarn: Duration?,
    incompleteReject: Duration?, order: ScheduleOrder = .arrival
  ) {
    self.name = name
    self.directory = directory
    self.rules = rules
    self.rescan = rescan
    self.incompleteWarn = incompleteWarn
    self.incompleteReject = incompleteReject
    self.order = order
  }

  public init(_ settings: SourceSettings) {
    self.init(
      name: settings.name, directory: settings.directory, rules: IntakeRules(settings),
      rescan: settings.rescan, incompleteWarn: settings.incompleteWarn,
      incompleteReject: settings.incompleteReject, order: settings.order)
  }
}

/// Claims what an intake has found. It is asked one thing at a time for one source.
public protocol SetClaiming: Sendable {
  /// Claims `sets`, which arrived in this order. Returns when each is claimed or left where it is; those that are still
  /// in the drop directory then are offered again after a change, or at the next scan.
  ///
  /// - Returns: Names of sets that were left because somebody used or changed them: they are offered again, unchanged, as soon
  ///   as something happens to them.
  func claim(_ sets: [CompleteSet], from source: SourceName) async -> [String]
  /// Claims something that cannot be a delivery, and rejects it.
  func refuse(_ drop: RefusedDrop, from source: SourceName) async
  /// Takes in that something complete may not be moved, which the whole spool may suffer from.
  func cannotTake(_ name: String, from source: SourceName) async
}

extension SetClaiming {
  public func cannotTake(_ name: String, from source: SourceName) async {}
}
