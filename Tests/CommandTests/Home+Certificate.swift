import TestSupport
extension Home {
    /// Writes a certificate for `localhost` that vouches for itself and its key. They are good for nothing but these tests.
    /// - Returns: the environment variables that name the files.
    func writeCertificate(keyRights: Int = 0o600) throws -> [String: String] {
        [
            "CALLGATE_LISTEN_TLS_CERTIFICATE": try write(Self.certificate, to: "chain.pem", rights: 0o644),
            "CALLGATE_LISTEN_TLS_KEY": try write(Self.certificateKey, to: "key.pem", rights: keyRights),
        ]
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmjCCAUGgAwIBAgIUG5wv9Yj0sCCl+aMDcJqpIURl3UQwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODIwMjkzOFoYDzIxMjYxMTA0
        MjAyOTM4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQeQq4sFmY2NqKhSKw6AusFN1Mzp1PnXNxITxVZf7L/4KrJSi6dMsdm
        xqtaR0O3XxTp9tt+FWX5iiMM1FakrzBeo28wbTAdBgNVHQ4EFgQU8wsk5vpUQruq
        vNo5t5HX4Qa4F1owHwYDVR0jBBgwFoAU8wsk5vpUQruqvNo5t5HX4Qa4F1owDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDRwAwRAIgeWTFc6wpraAutprSMNKGGcFuVpjR/Ihb87iVVd2aHuQCIGVY
        2ZZcY35XZnhk/Mz09h+ow4KD+7Nth9FgHKhDl5sP
        -----END CERTIFICATE-----

        """
    private static let certificateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg82Y7hGOXzhW5EHt0
        sLg4Hn6QvQYiXUeSWWKAc0mNgumhRANCAAQeQq4sFmY2NqKhSKw6AusFN1Mzp1Pn
        XNxITxVZf7L/4KrJSi6dMsdmxqtaR0O3XxTp9tt+FWX5iiMM1FakrzBe
        -----END PRIVATE KEY-----

        """
}
