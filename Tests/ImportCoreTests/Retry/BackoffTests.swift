import ImportCore
import Testing

@Suite struct BackoffTests {
  @Test(arguments: [-5, 0, 1, 2, 3, 5, 9, 10, 20, 1000, Int.max], [0, 0.25, 0.5, 1])
  func `no delay leaves its bounds`(failures: Int, random: Double) {
    let delay = Backoff.delay(failures: failures, random: random)
    #expect(delay >= Backoff.shortest)
    #expect(delay <= Backoff.longest)
  }

  @Test(arguments: [(1, 2), (2, 4), (3, 8), (5, 32), (9, 512), (10, 600), (50, 600)])
  func `the longest delay doubles with each failure up to ten minutes`(failures: Int, seconds: Int) {
    #expect(Backoff.delay(failures: failures, random: 1) == .seconds(seconds))
  }

  @Test(arguments: [1, 5, 50])
  func `the jitter is full: any delay from one second up may come`(failures: Int) {
    #expect(Backoff.delay(failures: failures, random: 0) == Backoff.shortest)
    let delays = stride(from: 0.0, through: 1.0, by: 0.1).map {
      Backoff.delay(failures: failures, random: $0)
    }
    #expect(delays == delays.sorted())
    #expect(Set(delays).count == delays.count)
  }

  @Test(arguments: [
    (-60, 1), (0, 1), (1, 1), (120, 120), (600, 600), (601, 600), (86_400, 600), (Int.max / 2, 600),
  ])
  func `what the server asks for counts within the bounds`(asked: Int, seconds: Int) {
    for failures in [1, 10] {
      let delay = Backoff.delay(failures: failures, random: 0.5, serverAsks: .seconds(asked))
      #expect(delay == .seconds(seconds))
    }
  }
}
