import ImportCore
import Testing

@Suite struct RetentionTests {
  private let now = Timestamp("2026-11-24T12:00:00Z")!

  /// Four sets of 10 bytes, archived one to four days ago, the youngest first.
  private var items: [Retention.Item] {
    (1...4).map { days in
      Retention.Item(
        set: SetID("2026112\(4 - days)T120000Z-hr-2222222\(days + 1)")!,
        archived: now.advanced(by: .seconds(-86_400 * days)), size: 10)
    }
  }

  private func expired(keep: Int?, maxSize: Int64?) -> [Int] {
    let retention = Retention(keep: keep.map { .seconds(3600 * $0) }, maxSize: maxSize)
    let gone = retention.expired(of: items, now: now)
    return gone.map { set in items.firstIndex { $0.set == set }! + 1 }
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
    let item = Retention.Item(set: items[0].set, archived: now.advanced(by: .seconds(86_400)), size: 1)
    #expect(Retention(keep: .zero, maxSize: nil).expired(of: [item], now: now) == [])
  }
}
