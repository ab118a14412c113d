import Glibc
import Testing

/// Links between documents lead to files and headings that exist; pictures are well-formed.
@Suite struct DocumentLinksTests {
  /// The anchor that a web server makes of a heading.
  private static func anchor(_ heading: String) -> String {
    String(
      heading.lowercased().compactMap {
        $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil
      })
  }

  @Test(arguments: DocumentPage.all)
  func `every link of a page leads somewhere`(path: String) throws {
    let page = try DocumentPage(path)
    let directory = path.split(separator: "/").dropLast().joined(separator: "/")
    for match in page.prose.joined(separator: "\n").matches(of: #/\]\(([^)\s]+)\)/#) {
      let link = match.output.1
      if link.hasPrefix("http") { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let target = parts[0].isEmpty ? path : directory.isEmpty ? String(parts[0]) : "\(directory)/\(parts[0])"
      #expect(access("\(ProjectFile.root)/\(target)", F_OK) == 0, "\(link)")
      if parts.count == 2 {
        let anchors = try DocumentPage(target.replacing("docs/../", with: "")).headings.map(Self.anchor)
        #expect(anchors.contains(String(parts[1])), "\(link) among \(anchors)")
      }
    }
  }

  @Test(arguments: DocumentPage.all.filter { !$0.hasPrefix("docs/decisions") })
  func `every path of the project that a page names exists`(path: String) throws {
    for code in try DocumentPage(path).inlineCode {
      guard let match = code.wholeMatch(of: #/(?:Sources|Tests|etc|systemd|debian|docs)\/[\w.\/+-]+/#) else {
        continue
      }
      #expect(access("\(ProjectFile.root)/\(match.output)", F_OK) == 0, "\(match.output)")
    }
  }

  @Test func `README shows the screen of status and of the demo`() throws {
    let text = try ProjectFile.text("README.md")
    for name in ["status", "demo"] { #expect(text.contains("](docs/\(name).svg)")) }
  }

  @Test(
    .enabled(if: access("/usr/bin/python3", X_OK) == 0, "python3 is not installed"),
    arguments: ["status", "demo", "performance-latency", "performance-size"])
  func `a picture is well-formed and has a title`(name: String) throws {
    let program = """
      import sys, xml.etree.ElementTree as tree
      root = tree.parse(sys.argv[1]).getroot()
      print(root.tag, (root.findtext('{http://www.w3.org/2000/svg}title') or '').strip())
      """
    let run = BuiltProgram.run(
      ["-c", program, "\(ProjectFile.root)/docs/\(name).svg"], environment: ["LANG=C.UTF-8"],
      program: "/usr/bin/python3")
    #expect(run.status == 0, "\(run.errors)")
    let prefix = "{http://www.w3.org/2000/svg}svg "
    #expect(run.output.hasPrefix(prefix) && run.output.count > prefix.count + 5, "\(run.output)")
  }
}
