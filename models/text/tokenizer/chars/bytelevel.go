package chars

import "unicode/utf8"

// The alphabet of byte-level BPE: GPT-2 writes each byte as one printable character.
// Bytes that are printable in Latin-1 stand for themselves, the 68 others follow each
// other from U+0100.
var (
	byteRunes = func() (t [256]rune) {
		next := rune(256)
		for b := range t {
			if '!' <= b && b <= '~' || 0xa1 <= b && b <= 0xac || 0xae <= b {
				t[b] = rune(b)
				continue
			}
			t[b] = next
			next++
		}
		return t
	}()
	runeBytes = func() (t [256 + 68]int16) {
		for i := range t {
			t[i] = -1
		}
		for b, r := range byteRunes {
			t[r] = int16(b)
		}
		return t
	}()
)

// ByteRune returns the character that stands for b.
func ByteRune(b byte) rune { return byteRunes[b] }

// RuneByte returns the byte that r stands for.
func RuneByte(r rune) (b byte, ok bool) {
	if r < 0 || int(r) >= len(runeBytes) || runeBytes[r] < 0 {
		return 0, false
	}
	return byte(runeBytes[r]), true
}

// Bytes appends to dst the bytes that s stands for, which is all of the alphabet; ok is
// false, and dst as it was, where it is not.
func Bytes(dst []byte, s string) (bytes []byte, ok bool) {
	n := len(dst)
	for _, r := range s {
		b, ok := RuneByte(r)
		if !ok {
			return dst[:n], false
		}
		dst = append(dst, b)
	}
	return dst, true
}

// AppendByteRunes appends the characters that stand for the bytes of text.
func AppendByteRunes(dst, text []byte) []byte {
	for _, b := range text {
		dst = utf8.AppendRune(dst, byteRunes[b])
	}
	return dst
}
