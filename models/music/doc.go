// Package music reads tunes in ABC notation and makes of them what can be heard and seen.
//
//	t, err := music.Parse("X:1\nT:Kesh\nM:6/8\nL:1/8\nK:G Major\n|:G3 GAB|A3 ABd:|")
//	if err != nil { … }
//	err = t.WriteMIDI(file) // or WriteWAV, or Roll for a picture
//
// It reads what tunes of one voice are written with (https://abcnotation.com/wiki/abc:standard:v2.1):
// notes, accidentals, lengths, broken rhythm, ties, tuplets, chords, grace notes, bars,
// repeats with endings, and changes of key, meter and unit length. What it does not know
// is an error that says where: a tune that a model wrote is checked by this, see [Tune.Check].
package music
