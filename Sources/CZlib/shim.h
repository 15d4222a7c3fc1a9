#ifndef CALLGATE_CZLIB_SHIM_H
#define CALLGATE_CZLIB_SHIM_H

#include <zlib.h>

// deflateInit2 and inflateInit are macros that carry the header's version and the size of the stream, so Swift cannot see them.

// RFC 1950 framing with the full 32 KiB window. The memory level sizes the hash table (2 bytes << (level + 7)), which every
// deflateReset clears, and the number of symbols in a block (1 << (level + 6)).
static inline int callgate_deflate_init(z_stream *stream, int level, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int callgate_inflate_init(z_stream *stream) {
    return inflateInit(stream);
}

#endif
