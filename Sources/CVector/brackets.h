// Where a JSON object or array ends, 64 bytes at a glance: which of them are quotes and brackets is a
// comparison of 16 bytes each, and what stands between quotes follows from the quotes before it.
//
// The method is that of G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per Second" (2019).
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

/// A bit for each of 64 bytes: whether it is `byte` once the bits of `mask` are set in it.
static inline uint64_t shopctl_where(const uint8_t *at, char byte, char mask) {
    const __m128i wanted = _mm_set1_epi8(byte), set = _mm_set1_epi8(mask);
    uint64_t found = 0;
    for (int part = 0; part < 4; part++) {
        __m128i bytes = _mm_or_si128(_mm_loadu_si128((const __m128i *)at + part), set);
        uint64_t bits = (uint16_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
        found |= bits << (16 * part);
    }
    return found;
}
#else
static inline uint64_t shopctl_where(const uint8_t *at, char byte, char mask) {
    uint64_t found = 0;
    for (int place = 0; place < 64; place++)
        found |= (uint64_t)((at[place] | (uint8_t)mask) == (uint8_t)byte) << place;
    return found;
}
#endif

/// The bytes that a backslash takes their meaning from. `carry`: whether the byte before the first
/// is such a backslash; becomes whether the last one is.
static inline uint64_t shopctl_escaped(uint64_t backslashes, int *carry) {
    uint64_t escaped = (uint64_t)*carry;
    *carry = 0;
    backslashes &= ~escaped;
    while (backslashes != 0) {
        int place = __builtin_ctzll(backslashes);
        backslashes &= backslashes - 1;
        if (place == 63) {
            *carry = 1;
        } else {
            escaped |= 1ULL << (place + 1);
            backslashes &= ~(1ULL << (place + 1));
        }
    }
    return escaped;
}

/// A bit for each byte: whether an odd number of the bits up to it is set.
static inline uint64_t shopctl_parity(uint64_t bits) {
    for (int step = 1; step < 64; step *= 2) bits ^= bits << step;
    return bits;
}

/// The count of bytes up to the bracket that closes the first one, which is a bracket; 0 where none
/// does. Reads no byte from `count` on.
static inline size_t shopctl_bracketed(const uint8_t *bytes, size_t count) {
    uint8_t rest[64];
    uint64_t inside = 0;
    int carry = 0;
    long depth = 0;
    for (size_t at = 0; at < count; at += 64) {
        const uint8_t *block = bytes + at;
        if (count - at < 64) {
            memset(rest, 0, sizeof rest);
            memcpy(rest, block, count - at);
            block = rest;
        }
        uint64_t quotes = shopctl_where(block, '"', 0);
        uint64_t backslashes = shopctl_where(block, '\\', 0);
        if (backslashes != 0 || carry) quotes &= ~shopctl_escaped(backslashes, &carry);
        uint64_t texts = shopctl_parity(quotes) ^ inside;
        inside = (uint64_t)((int64_t)texts >> 63);
        // { and [, } and ] differ in one bit.
        uint64_t open = shopctl_where(block, '{', 0x20) & ~texts;
        uint64_t close = shopctl_where(block, '}', 0x20) & ~texts;
        if (depth <= __builtin_popcountll(close)) {
            // It may end here: closing bracket by closing bracket.
            for (uint64_t left = close, closed = 0; left != 0; left &= left - 1) {
                int place = __builtin_ctzll(left);
                closed += 1;
                if (depth + __builtin_popcountll(open & ((1ULL << place) - 1)) == (long)closed)
                    return at + (size_t)place + 1;
            }
        }
        depth += __builtin_popcountll(open) - __builtin_popcountll(close);
    }
    return 0;
}
