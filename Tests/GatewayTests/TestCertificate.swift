/// Certificates for `localhost` and 127.0.0.1 that vouch for themselves, with their keys. They are good for nothing but these tests.
struct TestCertificate: Sendable {
    let certificate: String
    let key: String

    static let one = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBmjCCAUGgAwIBAgIUS+bZVjms3QLDIXeKzXnUftZnm68wCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODE4NTkxOFoYDzIxMjYxMTA0
            MTg1OTE4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAARxi0Al7rURUewrkEds2ub2GMJ/N1SweKYU8ASvkgid3gQMdd+/io1A
            e3pmGf88xaDlvRiFhIv42eqrowLiWEBgo28wbTAdBgNVHQ4EFgQUiLWG05oPTIjV
            PZdNqfRIXt/nmKcwHwYDVR0jBBgwFoAUiLWG05oPTIjVPZdNqfRIXt/nmKcwDwYD
            VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
            zj0EAwIDRwAwRAIgG3/+Rv65m3pEC2gAhJwVCpoSv1oKyM7fe931i7Iyc2kCIB7B
            rxYHBYWjqxCwIF+bSQUQUGFXJvHvdZsRv2lRdCU9
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/qBQrrxl+qKWHa4p
            LbEHOhnfpTFdEPAadfF7TCfYWsKhRANCAARxi0Al7rURUewrkEds2ub2GMJ/N1Sw
            eKYU8ASvkgid3gQMdd+/io1Ae3pmGf88xaDlvRiFhIv42eqrowLiWEBg
            -----END PRIVATE KEY-----

            """)

    static let two = TestCertificate(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBmzCCAUGgAwIBAgIUTXqQdojQDGSretRG2sq0Vze8EaYwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODE4NTkxOFoYDzIxMjYxMTA0
            MTg1OTE4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAARMD5hrvswp4yYZotBJHKnjd3RftOn8HjRXoOrK6ZXa6NzqUt3cAjC3
            i7bWV2Dqmnjqd8R0ghVt8TZz9QPC3l8Co28wbTAdBgNVHQ4EFgQUruEcQNT+2tp1
            GuLPndi5NH7MF74wHwYDVR0jBBgwFoAUruEcQNT+2tp1GuLPndi5NH7MF74wDwYD
            VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
            zj0EAwIDSAAwRQIgKiY5zqHOeyXMGGtg1O+++7tkConlNxS7Tek5VrNqW9YCIQDx
            VZFSvdwiDjy/msQZpVmaIfCRVvKFFK5u0L3oMV2Nyg==
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJf9Fo5xydw/K69ti
            BwVEvjYAliAzM7mpnIBFh56K28mhRANCAARMD5hrvswp4yYZotBJHKnjd3RftOn8
            HjRXoOrK6ZXa6NzqUt3cAjC3i7bWV2Dqmnjqd8R0ghVt8TZz9QPC3l8C
            -----END PRIVATE KEY-----

            """)
}
