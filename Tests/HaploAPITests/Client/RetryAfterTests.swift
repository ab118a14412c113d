@testable import HaploAPI
import ImportCore
import Testing

@Suite struct RetryAfterTests {
  let now = Timestamp("2026-11-24T07:05:12Z")!

  @Test(
    arguments: [
      ("0", Duration.seconds(0), "at once"), ("120", .seconds(120), "seconds"),
      ("86401", .seconds(86_400), "absurd"),
      ("99999999999999999999999", .seconds(86_400), "beyond any number"),
      ("Tue, 24 Nov 2026 07:06:12 GMT", .seconds(60), "a date"),
      ("Fri, 01 Jan 2100 00:00:00 GMT", .seconds(86_400), "an absurd date"),
      ("Tue, 24 Nov 2026 07:05:11 GMT", nil, "past"), ("Thu, 01 Jan 1970 00:00:00 GMT", nil, "long past"),
      ("-5", nil, "negative"), ("1.5", nil, "no whole number"), ("soon", nil, "junk"), ("", nil, "empty"),
      ("Tue, 24 Foo 2026 07:06:12 GMT", nil, "no month"), ("Tue, 44 Nov 2026 07:06:12 GMT", nil, "no day"),
      ("Tuesday, 24-Nov-26 07:06:12 GMT", nil, "a form that nobody may send any more"),
      ("2026-11-24T08:00:00Z", nil, "another form of date"), ("\u{661}\u{662}", nil, "other digits"),
    ] as [(String, Duration?, String)])
  func `seconds and dates are delays, all else is none`(text: String, delay: Duration?, why: String) {
    #expect(RetryAfter.delay(text, now: now) == delay, "\(why)")
  }
}
