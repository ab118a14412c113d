/// The program: its name as users type it and as its messages begin.
enum Program {
  static let name = "haplo-importd"
}
