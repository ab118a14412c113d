/// Judges whether the calendar clock can be trusted as far as ages go (retention deletes files for good). A clock that has
/// jumped ahead by more than a day since the last look is doubted for a day: somebody may set it right meanwhile. Pure; kept in
/// the journal from one look to the next.
public struct ClockWatch: Hashable, Codable, Sendable {
  /// What came of a look.
  public enum Verdict: Hashable, Sendable {
    /// Ages may be measured.
    case trusted
    /// The clock has jumped ahead by `jump`; it is trusted from `until` on, if nothing is found then.
    case doubted(jump: Duration, until: Timestamp)
  }

  /// What the calendar clock showed.
  private var time: Timestamp
  /// Which start of the machine that was, by the kernel's boot id; nil if unknown.
  private var boot: String?
  /// What the monotonic clock showed then, in nanoseconds.
  private var uptime: Int64?
  /// When the clock began to be doubted; nil while it is not.
  private var doubtedSince: Timestamp?
  /// How far it had jumped then, in seconds.
  private var jump: Int64?

  /// How far the clock may jump, and how long it is doubted after a longer jump.
  public static let longestJump = Duration.seconds(86_400)

  /// Begins with the latest time that is known to have passed: that of the journal's last record, or of the newest receipt.
  public init(latest: Timestamp) { time = latest }

  /// Takes in what the clocks show now. `uptime` is in nanoseconds since the machine's start, which `boot` names.
  public mutating func look(now: Timestamp, boot: String?, uptime: Int64) -> Verdict {
    var passed = Duration.zero
    if let boot, boot == self.boot, let before = self.uptime, uptime > before {
      passed = .nanoseconds(uptime - before)
    }
    let jump = now.since(time) - passed
    (time, self.boot, self.uptime) = (now, boot, uptime)
    if jump > Self.longestJump {
      (doubtedSince, self.jump) = (now, jump.components.seconds)
    } else if jump < .zero - Self.longestJump {
      (doubtedSince, self.jump) = (nil, nil)  // it was set right
    }
    guard let doubtedSince else { return .trusted }
    let until = doubtedSince.advanced(by: Self.longestJump)
    if now < until { return .doubted(jump: .seconds(self.jump ?? 0), until: until) }
    (self.doubtedSince, self.jump) = (nil, nil)
    return .trusted
  }
}
