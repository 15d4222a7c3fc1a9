import Testing

@Suite struct `The mask that tells code from comments and texts` {
    @Test(
        arguments: [
            ("let a = 1 // try! b", "let a = 1", "// try! b"),
            ("a /* x /* y */ z */ b", "a b", "/* x /* y */ z */"),
            (#"f("// no comment") + g"#, "f( ) + g", ""),
            (#"f("say \"as! me\"") // yes"#, "f( )", "// yes"),
            (#"f("\(try! g("x")) h")"#, "f( try! g( ) )", ""),
            (##"f(#"a " \(b) \#(c) "#)"##, "f( c )", ""),
            ("f(#/a\"b/#) // c", "f( )", "// c"),
            ("#if x\n#endif", "#if x\n#endif", ""),
            ("\"\"\"\n \"quoted\" print(1)\n \"\"\" + a", "+ a", ""),
        ]) func `code and comments come out apart`(text: String, code: String, comments: String)
    {
        let mask = SwiftMask(text)
        #expect(squeezed(mask.code) == code)
        #expect(squeezed(mask.comments) == comments)
        #expect(mask.code.utf8.count == text.utf8.count)
    }

    /// The text with one blank for several, and none at its ends.
    private func squeezed(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: "\n")
            .split(separator: "\n").joined(separator: "\n")
    }
}
