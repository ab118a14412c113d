import ImportCore
import Testing

@Suite struct RetentionTests {
  private let now = Timestamp("2026-11-24T12:00:00Z")!

  /// Four sets of 10 bytes, archived four to one days ago, the oldest first. Returns the age in days of those that go.
  private func expired(keep: Int?, maxSize: Int64?) -> [Int] {
    let retention = Retention(keep: keep.map { .seconds(3600 * $0) }, maxSize: maxSize)
    var remaining: Int64 = 40
    return [4, 3, 2, 1].filter { days in
      let item = Retention.Item(archived: now.advanced(by: .seconds(-86_400 * days)), size: 10)
      defer { remaining -= item.size }
      return retention.expires(item, remaining: remaining, now: now)
    }
  }

  @Test(
    arguments: [
      (nil, nil, []), (24, nil, [4, 3, 2]), (96, nil, []), (0, nil, [4, 3, 2, 1]), (nil, 40, []),
      (nil, 39, [4]),
      (nil, 20, [4, 3]), (nil, 0, [4, 3, 2, 1]), (60, 10, [4, 3, 2]),
    ] as [(Int?, Int64?, [Int])])
  func `the oldest go first, by age and by size`(keep: Int?, maxSize: Int64?, days: [Int]) {
    #expect(expired(keep: keep, maxSize: maxSize) == days)
  }

  @Test func `a set from the future is young`() {
    let item = Retention.Item(archived: now.advanced(by: .seconds(86_400)), size: 1)
    #expect(!Retention(keep: .zero, maxSize: nil).expires(item, remaining: 1, now: now))
  }

  @Test func `the visit ends where the age of sets keeps all that follow, unless a size has to be kept`() {
    let keep = Retention(keep: .seconds(3600), maxSize: nil)
    #expect(keep.keepsAllSince(now.advanced(by: .seconds(-3600)), now: now))
    #expect(!keep.keepsAllSince(now.advanced(by: .seconds(-3601)), now: now))
    #expect(!Retention(keep: .seconds(3600), maxSize: 1).keepsAllSince(now, now: now))
  }

  @Test(arguments: [(nil, []), (24, [4, 3, 2]), (96, []), (0, [4, 3, 2, 1])] as [(Int?, [Int])])
  func `files go by their own age, the receipts stay`(hours: Int?, days: [Int]) {
    let retention = Retention(keep: nil, maxSize: nil, keepFiles: hours.map { .seconds(3600 * $0) })
    let gone = [4, 3, 2, 1].filter { days in
      let item = Retention.Item(archived: now.advanced(by: .seconds(-86_400 * days)), size: 10)
      #expect(!retention.expires(item, remaining: .max, now: now))
      return retention.expiresFiles(of: item, now: now)
    }
    #expect(gone == days && retention.keepsAll == (hours == nil))
    #expect(retention.keepsAllSince(now, now: now))
  }
}
