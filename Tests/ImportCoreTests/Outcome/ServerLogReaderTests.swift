import ImportCore
import Testing

/// The log of a job in its batch's page.
@Suite struct ServerLogReaderTests {
  private func read(_ page: String, pieces size: Int) -> (text: String, reader: ServerLogReader) {
    var reader = ServerLogReader()
    var text: [UInt8] = []
    var rest = Array(page.utf8)[...]
    while !rest.isEmpty {
      text += reader.take(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return (String(decoding: text, as: UTF8.self), reader)
  }

  @Test(arguments: [1, 3, Int.max])
  func `the text is found behind its heading, with entities replaced, however the page is cut`(size: Int) {
    let page = """
      <a href="#import-log">View</a><pre>not this</pre><h2 id="import-log">Log</h2><pre>START: &lt;a&gt; &amp;amp; \
      &quot;x&quot; &#39;y&#39; &#xe9; &nothing; & b <i>
      END:</pre><p>behind</p>
      """
    let (text, reader) = read(page, pieces: size)
    #expect(text == "START: <a> &amp; \"x\" 'y' é &nothing; & b <i>\nEND:")
    #expect(reader.hasFound && reader.hasEnded)
  }

  @Test func `a page without a log has none`() {
    let (text, reader) = read("<h2>Files</h2><pre>x</pre>", pieces: .max)
    #expect(text.isEmpty && !reader.hasFound)
  }

  @Test func `a log that breaks off is given as far as it came`() {
    let (text, reader) = read("<h2 id=\"import-log\">Log</h2><pre>START:\n<", pieces: 2)
    #expect(text == "START:\n")
    #expect(reader.hasFound && !reader.hasEnded)
  }
}
