/// How long and how much of a source's archive is kept (`ArchiveKeepSec=`, `ArchiveMaxSize=`).
public struct Retention: Hashable, Sendable {
  /// One archived set, as far as retention goes.
  public struct Item: Hashable, Sendable {
    /// When it was archived.
    public var archived: Timestamp
    /// Bytes of all its files.
    public var size: Int64

    public init(archived: Timestamp, size: Int64) {
      self.archived = archived
      self.size = size
    }
  }

  /// Sets that are older are removed; nil: none for their age.
  public var keep: Duration?
  /// The oldest sets are removed until the rest has no more bytes than this; nil: any number.
  public var maxSize: Int64?
  /// The files of sets that are older are deleted, and their receipts stay; nil: none for their age.
  public var keepFiles: Duration?

  public init(keep: Duration?, maxSize: Int64?, keepFiles: Duration? = nil) {
    self.keep = keep
    self.maxSize = maxSize
    self.keepFiles = keepFiles
  }

  /// True if nothing is ever removed.
  public var keepsAll: Bool { keep == nil && maxSize == nil && keepFiles == nil }

  /// Decides about one of a source's archived sets, which are visited from the oldest. A set from the future (a clock that
  /// was set back) is young.
  ///
  /// - Parameter remaining: Bytes of this set and of all sets that are younger.
  public func expires(_ item: Item, remaining: Int64, now: Timestamp) -> Bool {
    let isOld = keep.map { now.since(item.archived) > $0 } ?? false
    return isOld || maxSize.map { remaining > $0 } ?? false
  }

  /// True if a set that was completed at this time, and all younger ones, stay whole for their age: none is archived before it is
  /// complete.
  public func keepsAllSince(_ completed: Timestamp, now: Timestamp) -> Bool {
    maxSize == nil && [keep, keepFiles].compactMap(\.self).allSatisfy { now.since(completed) <= $0 }
  }

  /// True if the files of a set are to go, and its receipt stays.
  public func expiresFiles(of item: Item, now: Timestamp) -> Bool {
    keepFiles.map { now.since(item.archived) > $0 } ?? false
  }
}

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

  /// The calendar clock then.
  private var time: Timestamp
  /// Which start of the machine that was, by the kernel's boot id; nil if unknown.
  private var boot: String?
  /// The monotonic clock then, in nanoseconds.
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
