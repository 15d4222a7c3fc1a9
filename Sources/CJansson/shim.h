#ifndef CALLGATE_CJANSSON_SHIM_H
#define CALLGATE_CJANSSON_SHIM_H

#include <jansson.h>
#include <string.h>

// Swift sees functions and plain constants, but neither macros that take arguments nor fixed-size char arrays.

static inline json_type callgate_json_typeof(const json_t *value) {
    return json_typeof(value);
}

// Parses exactly `count` bytes: any root value, no duplicate names, no NUL. Returns a new reference, or NULL and the error.
static inline json_t *callgate_json_load(const void *bytes, size_t count, json_error_t *error) {
    return json_loadb((const char *)bytes, count, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);
}

// True when a \u escape was half of a surrogate pair: jansson has no code for that, only the beginning of its text.
static inline int callgate_json_error_is_surrogate(const json_error_t *error) {
    static const char beginning[] = "invalid Unicode '\\u";
    return strncmp(error->text, beginning, sizeof(beginning) - 1) == 0;
}

#endif
