import Testing

/// A reader that takes everything would prove nothing.
@Suite struct OpenMetricsReaderTests {
  private static let good = "# HELP a A.\n# TYPE a gauge\na{x=\"1\"} 2\n# HELP b_total B.\nb_total 3\n# EOF\n"

  @Test func `it takes what is right`() throws {
    let reader = try OpenMetricsReader(Self.good)
    #expect(reader.samples == ["a": ["x=\"1\"": 2], "b_total": ["": 3]])
  }

  @Test(arguments: [
    ("# EOF\n", "", "no end"), ("# EOF\n", "# EOF", "an end without its newline"),
    ("# EOF\n", "# EOF\n\n# EOF\n", "something behind the end"), ("2\n", "2\n\n", "an empty line"),
    ("# TYPE a gauge", "# TYPE a info", "a type that the collector refuses"),
    ("# TYPE a gauge\n", "", "no type"), ("# HELP b_total B.\n", "", "no help"),
    ("b_total", "b", "a counter without its suffix"), ("} 2", "}  2", "two spaces"),
    ("} 2", "} 2 1764191912", "a timestamp"), ("} 2", "} two", "no number"),
    ("x=\"1\"", "x=\"\\t\"", "a bad escape"), ("x=\"1\"", "x=\"1", "no end of the quotes"),
    ("x=\"1\"", "x=\"1\",x=\"2\"", "a label twice"), ("x=\"1\"", "1x=\"1\"", "a bad label"),
    ("# HELP b_total B.\nb_total 3", "a{x=\"1\"} 3", "a sample twice"),
    ("b_total", "a_total", "a clash of names"), ("A.", "A\\t.", "a bad escape in a help"),
    ("b_total 3", "b_total 3\n# HELP a A.", "a metric in two places"),
    ("b_total 3", "b_total -3", "below zero"),
  ])
  func `it refuses what is wrong`(part: String, replacement: String, why: String) {
    let text = Self.good.replacing(part, with: replacement)
    #expect(text != Self.good)
    #expect(throws: OpenMetricsReader.Problem.self, "\(why)") { try OpenMetricsReader(text) }
  }
}
