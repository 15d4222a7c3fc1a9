#ifndef CALLGATE_COPENSSL_SHIM_H
#define CALLGATE_COPENSSL_SHIM_H

// OpenSSL 3, the EVP interface only. Nothing deprecated: a deprecated call does not compile here.
#define OPENSSL_NO_DEPRECATED 1
#define OPENSSL_API_COMPAT 30000

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

// Swift cannot read this macro: it is a sum of others.
static const int callgate_public_key_selection = EVP_PKEY_PUBLIC_KEY;

// OpenSSL keeps the pointers of the names it is given in an OSSL_PARAM. A Swift string lends a copy that is gone after the call, so these
// names come from C, where they live as long as the process.
static inline const char *callgate_name_digest(void) { return OSSL_MAC_PARAM_DIGEST; }
static inline const char *callgate_name_rsa_n(void) { return OSSL_PKEY_PARAM_RSA_N; }
static inline const char *callgate_name_rsa_e(void) { return OSSL_PKEY_PARAM_RSA_E; }
static inline const char *callgate_name_group(void) { return OSSL_PKEY_PARAM_GROUP_NAME; }
static inline const char *callgate_name_public_key(void) { return OSSL_PKEY_PARAM_PUB_KEY; }
static inline const char *callgate_name_p256(void) { return "prime256v1"; }

#endif
