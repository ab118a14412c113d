/// In which order the sets of a source are scheduled (`Order=`).
public enum ScheduleOrder: String, Codable, Sendable, CaseIterable {
  /// As they were seen complete.
  case arrival
  /// The lowest name among those claimed and not scheduled.
  case name
}
