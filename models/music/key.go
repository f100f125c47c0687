package music

import (
	"fmt"
	"strings"
)

// fifths are the major keys by how many sharps they have, less flats, from -7.
const sharpsInOrder = "FCGDAEB"

// modes are how many sharps a mode has more than the major key of the same tonic.
var modes = map[string]int{
	"": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "loc": -5, "lyd": 1,
}

// readKey gives the accidentals of a key by letter: 1 is sharp, -1 flat.
func readKey(s string) (map[byte]int, error) {
	key := map[byte]int{}
	if s == "none" || s == "" || s == "HP" || s == "Hp" {
		return key, nil
	}
	// the circle of fifths, C at 0: F is one to the left, G one to the right
	sharps := strings.IndexByte("FCGDAEB", s[0]) - 1
	if sharps < -1 {
		return nil, fmt.Errorf("%q is no key, expected one such as G, D Mixolydian or Bm", s)
	}
	rest := s[1:]
	switch {
	case strings.HasPrefix(rest, "#"):
		sharps, rest = sharps+7, rest[1:]
	case strings.HasPrefix(rest, "b"):
		sharps, rest = sharps-7, rest[1:]
	}
	mode, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(rest)), " ")
	if len(mode) > 3 {
		mode = mode[:3]
	}
	more, ok := modes[mode]
	if !ok || sharps+more > 7 || sharps+more < -7 {
		return nil, fmt.Errorf("%q is no key, expected one such as G, D Mixolydian or Bm", s)
	}
	sharps += more
	for i := range sharps {
		key[sharpsInOrder[i]] = 1
	}
	for i := range -sharps {
		key[sharpsInOrder[6-i]] = -1
	}
	return key, nil
}

// semitones are the notes C to B above C.
var semitones = map[byte]int{'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}
