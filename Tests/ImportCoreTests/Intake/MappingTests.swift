import ImportCore
import Testing

@Suite struct MappingTests {
  private func verdict(
    keys: [String], files: [String], rules: [String: Glob] = [:], marker: String? = nil
  ) -> String {
    let exact = Dictionary(uniqueKeysWithValues: rules.map { (ExactText($0), $1) })
    var drop = InventedDrop(
      .flat, rules: IntakeRules(quiet: .zero, markerFile: marker, fileRules: exact))
    drop.putControl(keys: keys)
    for file in files { drop.put(file) }
    return drop.verdict()
  }

  private static let glob = Glob("staff-*.xml")!

  @Test(arguments: [
    (["data"], ["data"]), (["data"], ["data.json"]), (["data.json"], ["data.json"]), (["a.b"], ["a.b.c"]),
  ])
  func `a key means the file of its name, or the one with an extension`(keys: [String], files: [String]) {
    #expect(verdict(keys: keys, files: files) == "complete \(keys[0])=\(files[0])")
  }

  @Test func `the very name goes before names with an extension`() {
    #expect(verdict(keys: ["data"], files: ["data.json", "data"]) == "complete data=data")
  }

  @Test(arguments: [["data.tar.gz"], ["data."], ["data.tmp"], [".data"], ["Data"], ["xdata"], ["data.~x"]])
  func `other names are no candidates`(files: [String]) {
    #expect(
      verdict(keys: ["data"], files: files)
        == "waiting: control.json: data file missing: control.json names 'data', and there is no file 'data' or 'data.*'"
    )
  }

  @Test func `control file, marker and digests are never candidates`() {
    #expect(verdict(keys: ["control"], files: []).contains("data file missing"))
    #expect(verdict(keys: ["done"], files: ["done"], marker: "done").contains("data file missing"))
    #expect(
      verdict(keys: ["control"], files: [], rules: ["control": Glob("control.json")!])
        .contains("data file missing"))
  }

  @Test func `two candidates make no set, and both are named`() {
    let line = verdict(keys: ["data"], files: ["data.xml", "data.json"])
    #expect(line.contains("2 files could be meant: 'data.json', 'data.xml'") && line.contains("error"))
  }

  @Test(arguments: ["a/b", "..", ".", "a\\u000ab", ""])
  func `a key that is no plain name makes no set`(key: String) {
    #expect(verdict(keys: [key], files: ["b"]).contains("is not a plain file name"))
  }

  @Test func `a rule says which file is meant`() {
    #expect(
      verdict(keys: ["data"], files: ["x.csv", "data"], rules: ["data": Glob("x.csv")!])
        == "complete data=x.csv")
    #expect(
      verdict(keys: ["data"], files: ["data"], rules: ["data": Glob("x.csv")!])
        .hasSuffix("control.json names 'data', and there is no file 'x.csv' (File.data=)"))
    #expect(
      verdict(keys: ["a/b"], files: ["x.csv"], rules: ["a/b": Glob("x.csv")!]) == "complete a/b=x.csv")
  }

  @Test func `a glob means the one file that matches`() {
    let rules = ["data": Self.glob]
    #expect(
      verdict(keys: ["data"], files: ["staff-1.xml", "data"], rules: rules) == "complete data=staff-1.xml")
    #expect(
      verdict(keys: ["data"], files: ["data"], rules: rules)
        .hasSuffix("there is no file that matches 'staff-*.xml' (File.data=)"))
    #expect(
      verdict(keys: ["data"], files: ["staff-1.xml", "staff-2.xml"], rules: rules).contains("2 files could"))
  }

  @Test func `one file is not meant by two keys unless the administrator says so`() {
    #expect(verdict(keys: ["a", "a.json"], files: ["a.json"]).contains("would both mean this file"))
    let rules: [String: Glob] = ["a": Glob("x")!, "b": Glob("x")!]
    #expect(verdict(keys: ["a", "b"], files: ["x"], rules: rules) == "complete a=x b=x")
  }

  @Test func `the index forgets what is gone, and work does not grow with what is there`() {
    var drop = InventedDrop(
      .flat, rules: IntakeRules(quiet: .zero, fileRules: [ExactText("data"): Self.glob]))
    drop.putControl(keys: ["data", "other"])
    for name in ["staff-1.xml", "staff-2.xml", "other.a", "other.b"] { drop.put(name) }
    drop.remove("staff-1.xml")
    drop.remove("other.b")
    #expect(drop.verdict() == "complete data=staff-2.xml other=other.a")
  }

  @Test func `two spellings of one letter are two files`() {
    #expect(
      verdict(keys: ["\u{e9}"], files: ["e\u{301}"]).contains("data file missing"))
  }
}
