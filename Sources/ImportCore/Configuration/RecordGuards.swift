/// The conditions under which a set's records are sent without a person (`MinRecords=`, `ChangeLimit=`,
/// `RecordKey.KEY=`, `RemovalLimit=`, `FirstSet=`).
public struct RecordGuards: Hashable, Sendable {
  /// Number of records that each file must have; nil: any.
  public var minRecords: Int64?
  /// Number of records that the files of these keys must have, in place of ``minRecords``.
  public var minRecordsByKey: [ExactText: Int64] = [:]
  /// How much the number of a file's records may differ from that of the last scheduled set; nil: by any amount.
  public var changeLimit: ChangeLimit?
  /// For keys of the control file, the field that identifies a record.
  public var recordKeys: [ExactText: String] = [:]
  /// How many of the last scheduled set's record keys may be missing; nil: all.
  public var removalLimit: RemovalLimit?
  /// Handling of a set that there is nothing to compare with.
  public var firstSet: FirstSet = .import

  /// Number of records that the file of this key must have, and the setting that says so; nil: any.
  func least(of key: String) -> (count: Int64, setting: String)? {
    if let count = minRecordsByKey[ExactText(key)] { return (count, "MinRecords.\(key)") }
    return minRecords.map { ($0, "MinRecords") }
  }
}

/// Handling of a set that there is nothing to compare with (`FirstSet=`).
public enum FirstSet: String, Sendable, CaseIterable {
  /// It is sent.
  case `import`
  /// A person decides.
  case hold
}

/// By how much a number of records may differ from the one before, up or down (`ChangeLimit=20%`).
public struct ChangeLimit: Hashable, Sendable, CustomStringConvertible {
  static let most = 1000
  /// Hundredths of the number before.
  public let percent: Int

  /// Takes 0 to 1000 hundredths; nil for anything else.
  public init?(percent: Int) {
    guard (0...Self.most).contains(percent) else { return nil }
    self.percent = percent
  }

  /// Reads `20%`; nil if it is none.
  public init?(_ text: String) {
    guard let percent = Share.percent(text) else { return nil }
    self.init(percent: percent)
  }

  public var description: String { "\(percent)%" }

  /// True if `new` differs from `old` by more than this share of `old`.
  public func isExceeded(from old: Int64, to new: Int64) -> Bool {
    Share.isMore(max(old, new) - min(old, new), than: percent, of: old)
  }
}

/// How many of the record keys of the set before may be missing (`RemovalLimit=10%`, `RemovalLimit=50 records`).
public enum RemovalLimit: Hashable, Sendable, CustomStringConvertible {
  /// Hundredths of their number.
  case percent(Int)
  case records(Int64)

  /// Reads `10%`, `50` or `50 records`; nil if it is none.
  public init?(_ text: String) {
    if let percent = Share.percent(text) {
      guard percent < 100 else { return nil }
      self = .percent(percent)
      return
    }
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 1 || words.count == 2 && ["record", "records"].contains(words[1]),
      let count = Share.number(words[0])
    else { return nil }
    self = .records(count)
  }

  public var description: String {
    switch self {
    case .percent(let percent): "\(percent)%"
    case .records(1): "1 record"
    case .records(let count): "\(count) record\(count == 1 ? "" : "s")"
    }
  }

  /// True if more than this are missing of `old` keys.
  public func isExceeded(missing: Int64, of old: Int64) -> Bool {
    switch self {
    case .percent(let percent): Share.isMore(missing, than: percent, of: old)
    case .records(let count): missing > count
    }
  }
}

/// Shares of whole numbers, without rounding.
enum Share {
  /// Reads `30%`; nil if it is no share.
  static func percent(_ text: String) -> Int? {
    guard text.utf8.last == UInt8(ascii: "%") else { return nil }
    return number(String(text.dropLast())).flatMap { Int(exactly: $0) }
  }

  /// Reads a number without a sign.
  static func number(_ text: String) -> Int64? {
    let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return isNumber ? Int64(text) : nil
  }

  /// True if `part` is more than so many hundredths of `whole`; neither is negative.
  static func isMore(_ part: Int64, than percent: Int, of whole: Int64) -> Bool {
    // Numbers times a hundred can be more than 64 bits hold.
    let left = part.multipliedFullWidth(by: 100)
    let right = whole.multipliedFullWidth(by: Int64(percent))
    return left.high != right.high ? left.high > right.high : left.low > right.low
  }

  /// How many hundredths of `whole` a part is, for people: rounded up to a tenth, so that it never looks like what is allowed.
  static func text(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0 else { return "" }
    // Beyond this nobody counts tenths, and a number from outside must not be too large for an integer.
    let tenths = Int64(min((Double(part) / Double(whole) * 1000).rounded(.up), 1e15))
    return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
  }
}

/// How much smaller than before a file may be until a person has to look at it (`ShrinkLimit=30%`).
public struct ShrinkLimit: Hashable, Sendable, CustomStringConvertible {
  /// The share that may be missing, in hundredths.
  public let percent: Int

  /// Takes a share from 0 (no byte may be missing) to 99 hundredths; nil for any other: a file cannot lose more than all.
  public init?(percent: Int) {
    guard (0...99).contains(percent) else { return nil }
    self.percent = percent
  }

  /// Reads `30%`; nil if it is none.
  public init?(_ text: String) {
    guard text.utf8.last == UInt8(ascii: "%") else { return nil }
    let digits = text.dropLast()
    let isNumber = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isNumber, let percent = Int(digits) else { return nil }
    self.init(percent: percent)
  }

  /// As it is written in a configuration.
  public var description: String { "\(percent)%" }

  /// True if a file that had `old` bytes has lost more than this share now that it has `new`.
  public func isExceeded(from old: Int64, to new: Int64) -> Bool {
    guard old > new else { return false }
    // Sizes times a hundred can be more than 64 bits hold.
    let lost = (old - new).multipliedFullWidth(by: 100)
    let allowed = old.multipliedFullWidth(by: Int64(percent))
    return lost.high != allowed.high ? lost.high > allowed.high : lost.low > allowed.low
  }
}
