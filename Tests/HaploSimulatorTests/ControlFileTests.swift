import HaploSimulator
import Testing

@Suite struct ControlFileTests {
  private let simulator: Simulator

  init() throws { simulator = try Simulator(apiKey: goodKey) }

  private func send(_ text: String) throws -> RawAnswer? {
    try simulator.send(.multipart(.control, [.file(text, filename: "control.json")]))
  }

  @Test(arguments: [
    "", " ", "{", "{}x", "{'a':1}", "[1,]", "\u{feff}{}", "nul", "01", "\"\u{01}\"", "{\"a\":1,}", "// c\n{}",
  ])
  func `what JavaScript cannot parse is not JSON`(text: String) throws {
    let answer = try send(text)
    #expect(answer?.status == 400)
    #expect(answer?.headers["content-type"] == "text/plain")
    #expect(answer?.body == "Uploaded file is not JSON")
  }

  @Test(arguments: ["null", "0", " -1.5e3 ", "true", "\"text\""])
  func `what is no object ends in the page of an exception`(text: String) throws {
    let answer = try send(text)
    #expect(answer?.status == 500)
    #expect(answer?.headers["content-type"] == "text/html")
    #expect(answer?.body.contains("<title>Error</title>") == true)
  }

  private static let head = #""dataImportControlFileVersion":0,"model":"a:b","#
  private static let rest = #""files":{},"instructions":[]"#
  private static func files(_ text: String) -> String { "{\(head)\"instructions\":[],\"files\":{\(text)}}" }
  private static func instructions(_ text: String) -> String {
    "{\(head)\"files\":{},\"instructions\":[\(text)]}"
  }

  @Test(arguments: [
    (
      "{}",
      [
        "Not a control file", "Control file does not specify model in the model property",
        "Control file does not specify processing instructions in the instructions property",
        "Control file does not have files property",
      ]
    ),
    (
      "{\"dataImportControlFileVersion\":1,\"model\":\"a:b\",\(rest)}",
      ["Bad version of control file, should be 0"]
    ),
    (
      "{\"dataImportControlFileVersion\":\"0\",\"model\":\"a:b\",\(rest)}",
      ["Bad version of control file, should be 0"]
    ),
    (
      "{\"dataImportControlFileVersion\":0,\"model\":\"nothing\",\(rest)}", ["Model not implemented: nothing"]
    ),
    ("{\(head)\"instructions\":[]}", ["Control file does not have files property"]),
    (files(#""N":{}"#), ["Reader not specified for file N"]),
    (files(#""N":{"read":"csv"}"#), ["Unknown reader for file N: csv"]),
    (files(#""N":{"read":"csv"},"M":{"read":"json"},"L":{}"#), ["Reader not specified for file L"]),
    (
      instructions(#"{"source":"s"}"#),
      ["Expected property not found in field instruction: destination, name"]
    ),
    (instructions(#"{"action":"fly"}"#), ["Unknown action in instruction: fly"]),
    (
      instructions(#"{"action":"within","source":"s","instructions":[{"action":"load","destination":"d"}]}"#),
      ["Expected property not found in load instruction: using"]
    ),
  ])
  func `an invalid control file is told each of its errors on a line`(text: String, errors: [String]) throws {
    let answer = try send(text)
    #expect(answer?.status == 400)
    #expect(answer?.body == "Invalid control file:\n  " + errors.joined(separator: "\n  "))
    #expect(simulator.record.controls.isEmpty)
  }

  @Test(arguments: [
    goodControl, files(#""DEFAULT":{"read":"tsv-with-name-row","separator":"|"}"#),
    files(#""a":{"read":"xml-attributes"},"b":{"read":"xml-text-of-children","singleRecord":true}"#),
    instructions(
      #"{"action":"for-each","source":"s","instructions":[{"action":"log-error","message":"m"}]}"#),
  ])
  func `a valid one is accepted`(text: String) throws {
    #expect(try send(text)?.status == 200)
    #expect(simulator.record.controls.count == 1)
  }

  @Test func `models can be named, and readers added`() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.models = ["only:this"]
    options.readers.insert("plugin")
    let simulator = try Simulator(options)
    let text = Self.files(#""N":{"read":"plugin"}"#)
    let answer = try simulator.send(.multipart(.control, [.file(text)]))
    #expect(answer?.body == "Invalid control file:\n  Model not implemented: a:b")
  }
}
