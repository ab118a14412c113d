import ImportCore
import Testing

@Suite struct MetricsTextTests {
  @Test func `a gauge has its type, a counter its name, and the end a mark`() {
    var text = MetricsText()
    text.gauge("sets", "Sets.", [.init(2, ["source": "hr", "state": "held"]), .init(0, ["source": "b"])])
    text.counter("requests", "Requests.", [.init(7)])
    #expect(
      text.text == """
        # HELP haplo_importd_sets Sets.
        # TYPE haplo_importd_sets gauge
        haplo_importd_sets{source="hr",state="held"} 2
        haplo_importd_sets{source="b"} 0
        # HELP haplo_importd_requests_total Requests.
        haplo_importd_requests_total 7
        # EOF

        """)
  }

  @Test func `a moment is seconds with milliseconds`() {
    var text = MetricsText()
    text.gauge(
      "t", "T.",
      [
        .init(Timestamp(microseconds: 1_795_503_912_007_999)), .init(Timestamp(microseconds: 0)),
        .init(Timestamp(microseconds: -5)),
      ])
    let values = text.text.split(separator: "\n").compactMap { $0.split(separator: " ").last }
    #expect(values[2...4] == ["1795503912.007", "0.000", "0.000"])
  }

  @Test func `no label can end its quotes or its line`() {
    var text = MetricsText()
    text.gauge("x", "Back\\slash.", [.init(1, ["a": "\"} 9\n# EOF\\"])])
    #expect(text.text.contains(#"{a="\"} 9\n# EOF\\"} 1"#))
    #expect(text.text.contains(#"# HELP haplo_importd_x Back\\slash."#))
  }

  @Test func `what has no samples is left out`() {
    var text = MetricsText()
    text.gauge("x", "X.", [])
    #expect(text.text == "# EOF\n")
  }
}

@Suite struct DeliveryTallyTests {
  @Test func `each attempt is counted once, by its end`() throws {
    var tally = DeliveryTally()
    var delivery = try Invented.delivery()
    let later = Invented.start.advanced(by: .seconds(9))
    let failed = DeliveryEvent.attemptFailed(reason: Invented.reason, next: later, alone: false)
    for event in Invented.untilBatch + [failed, .fileUploaded(key: "a"), .fileUploaded(key: "b")]
      + [Invented.intended, .scheduled(repeated: false)]
    {
      try delivery.apply(event, at: later)
      tally.count(event, delivery, at: later)
    }
    #expect(
      tally.sources == [
        Invented.source: DeliveryTally.Counts(
          attempts: [.deferred: 1, .scheduled: 1], files: 2, bytes: 10, lastScheduled: later)
      ])
  }

  @Test func `bytes beyond all measure are as many as can be counted`() throws {
    var tally = DeliveryTally()
    var manifest = Invented.manifest()
    for index in manifest.files.indices { manifest.files[index].content.size = .max }
    let delivery = try Invented.delivery(.claimed, .inspected(manifest: manifest))
    for key in ["a", "b"] { tally.count(.fileUploaded(key: key), delivery, at: Invented.start) }
    #expect(tally.sources[Invented.source]?.bytes == .max)
  }

  @Test(arguments: [
    (DeliveryEvent.rejected(reason: Invented.reason), DeliveryTally.Result.rejected),
    (.held(reason: Invented.reason), .held),
  ])
  func `a set that leaves the queue is counted by where it goes`(
    event: DeliveryEvent, result: DeliveryTally.Result
  ) throws {
    var tally = DeliveryTally()
    tally.count(event, try Invented.delivery(.claimed, event), at: Invented.start)
    #expect(tally.sources[Invented.source]?.attempts == [result: 1])
    #expect(tally.sources[Invented.source]?.lastScheduled == nil)
  }
}
