import Testing

@testable import Tokens

@Suite struct AgoraFormatTests {
    /// The keys are from the tests in Agora's own repository.
    @Test(arguments: [
        ("870588aad271ff47094eb622617e89d6b5b5a615970ca35de60c44645bbae8a215061b3314464554720383bbf5", AgoraFormat.dynamicKey),
        (
            "870588aad271ff47094eb622617e89d6b5b5a615970CA35de60c44645bbae8a215061b3314464554710000000142949672951446455471",
            .dynamicKey2
        ),
        (
            "0037666966591a93ee5a3f712e22633f31f0cbc8f13970ca35de60c44645bbae8a215061b3314464554720383bbf528823412731446455471",
            .dynamicKey3
        ),
        ("004ec32c0d528e58ef90e8ff437a9706124137dc795970ca35de60c44645bbae8a215061b3314464554720383bbf51446455471", .dynamicKey4),
        (
            "005AwAoADc0QTk5RTVEQjI4MDk0NUI0NzUwNTk0MUFDMjM4MDU2NzIwREY3QjAQAJcMo13mDERkW7roohUGGzOwKDdW9buDA68oN1YAAA==",
            .dynamicKey5
        ),
        ("008eJxTYPhVLX9I", .unknownVersion("008")), ("007eJx", .accessToken2), ("006970CA35de60c44645bbae8a215061b33IAA", .accessToken),
        ("970CA35de60c44645bbae8a215061b33", .appID), ("00654535de60c44645bbae8a215061b3", .appID),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA", .jsonWebToken), ("", .unrecognised), ("00", .unrecognised), ("hello", .unrecognised),
    ])
    func `a format is known by its shape`(_ text: String, _ format: AgoraFormat) {
        #expect(AgoraFormat.recognise(text) == format)
    }

    @Test func `the retired formats are named when somebody asks to read one`() {
        #expect(AgoraTokenTests.damage("005AwAoADc0") == .otherFormat(.dynamicKey5))
        #expect(AgoraDamage.otherFormat(.dynamicKey5).message.contains("005"))
        #expect(AgoraFindings.of(.otherFormat(.appID)).first?.message.contains("static key") == true)
        let all: [AgoraFormat] = [
            .accessToken2, .accessToken, .dynamicKey, .dynamicKey2, .dynamicKey3, .dynamicKey4, .dynamicKey5, .unknownVersion("123"),
            .appID,
            .jsonWebToken, .unrecognised,
        ]
        #expect(Set(all.map(\.message)).count == all.count)
    }
}
