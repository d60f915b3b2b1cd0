// CRC-32 by carry-less multiplication, which Swift has no instruction for.
//
// The method and its constants are those of V. Gopal et al., "Fast CRC Computation for Generic
// Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), for the reflected polynomial 0xEDB88320.
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>

static inline int shopctl_has_carryless(void) {
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

/// `sum` times x^distance, as `keys` says, plus the next 16 bytes.
__attribute__((target("pclmul,sse4.1"))) static inline __m128i shopctl_fold(
    __m128i sum, __m128i keys, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(sum, keys, 0x00);
    __m128i high = _mm_clmulepi64_si128(sum, keys, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/// The register of the CRC after `count` more bytes; `count` is a multiple of 16, and 64 or more.
__attribute__((target("pclmul,sse4.1"))) static inline uint32_t shopctl_crc32_carryless(
    uint32_t crc, const void *start, size_t count) {
    const __m128i by512 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
    const __m128i by128 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    const __m128i by64 = _mm_set_epi64x(0, 0x0163cd6124);
    const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
    const __m128i low32 = _mm_setr_epi32(-1, 0, -1, 0);
    const __m128i *at = (const __m128i *)start;

    __m128i a = _mm_xor_si128(_mm_loadu_si128(at), _mm_cvtsi32_si128((int)crc));
    __m128i b = _mm_loadu_si128(at + 1);
    __m128i c = _mm_loadu_si128(at + 2);
    __m128i d = _mm_loadu_si128(at + 3);
    at += 4;
    count -= 64;
    while (count >= 64) {
        a = shopctl_fold(a, by512, _mm_loadu_si128(at));
        b = shopctl_fold(b, by512, _mm_loadu_si128(at + 1));
        c = shopctl_fold(c, by512, _mm_loadu_si128(at + 2));
        d = shopctl_fold(d, by512, _mm_loadu_si128(at + 3));
        at += 4;
        count -= 64;
    }
    a = shopctl_fold(a, by128, b);
    a = shopctl_fold(a, by128, c);
    a = shopctl_fold(a, by128, d);
    while (count >= 16) {
        a = shopctl_fold(a, by128, _mm_loadu_si128(at));
        at += 1;
        count -= 16;
    }

    // 128 bits to 64, then to 32 by Barrett's reduction.
    b = _mm_clmulepi64_si128(a, by128, 0x10);
    a = _mm_xor_si128(_mm_srli_si128(a, 8), b);
    b = _mm_srli_si128(a, 4);
    a = _mm_clmulepi64_si128(_mm_and_si128(a, low32), by64, 0x00);
    a = _mm_xor_si128(a, b);
    b = _mm_clmulepi64_si128(_mm_and_si128(a, low32), barrett, 0x10);
    b = _mm_clmulepi64_si128(_mm_and_si128(b, low32), barrett, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(a, b), 1);
}
#else
static inline int shopctl_has_carryless(void) { return 0; }

static inline uint32_t shopctl_crc32_carryless(uint32_t crc, const void *start, size_t count) {
    (void)start;
    (void)count;
    return crc;
}
#endif
