extension String {
  /// The text as it may be shown to people: names and texts come from outside.
  var shown: String { PrintableText.escaping(self) }
}
