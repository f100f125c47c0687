package music

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// tune puts a header before music in C, 4/4, eighths.
func tune(body string) string { return "X:1\nT:Test\nM:4/4\nL:1/8\nK:C\n" + body }

// spell writes what is played: pitches and lengths in eighths.
func spell(t *testing.T, abc string) string {
	t.Helper()
	parsed, err := Parse(abc)
	if err != nil {
		t.Fatalf("%q: %v", abc, err)
	}
	var parts []string
	at := 0
	for _, n := range parsed.Played() {
		if n.Start > at {
			parts = append(parts, "z")
		}
		at = n.Start + n.Ticks
		parts = append(parts, fmt.Sprintf("%v:%g", n.Pitches, float64(n.Ticks)/(Whole/8)))
	}
	return strings.NewReplacer("[", "", "]", "").Replace(strings.Join(parts, " "))
}

// The expected pitches are MIDI's: C is 60.
func TestNotes(t *testing.T) {
	for _, tt := range []struct{ name, abc, want string }{
		{"octaves", tune("C,CcB' c''"), "48:1 60:1 72:1 83:1 96:1"},
		{"lengths", tune("C2D/E3/2F//G4"), "60:2 62:0.5 64:1.5 65:0.25 67:4"},
		{"accidentals last for the bar", tune("^F F =F F|F ^^C _B"), "66:1 66:1 65:1 65:1 65:1 62:1 70:1"},
		{"key", "X:1\nK:D Mixolydian\nFCf", "66:1 60:1 78:1"},
		{"flats", "X:1\nK:D Minor\nBE", "70:1 64:1"},
		{"minor of a sharp", "X:1\nK:F#m\nFCGD", "66:1 61:1 68:1 62:1"},
		{"dotted", tune("C>D E<F G>>A"), "60:1.5 62:0.5 64:0.5 65:1.5 67:1.75 69:0.25"},
		{"triplet", tune("(3CDE F"), "60:0.6666666666666666 62:0.6666666666666666 64:0.6666666666666666 65:1"},
		{"tuplet with its time", tune("(3:2:4CDEF G"), "60:0.6666666666666666 62:0.6666666666666666 64:0.6666666666666666 65:0.6666666666666666 67:1"},
		{"chord", tune("[CEG]2[DF]"), "60 64 67:2 62 65:1"},
		{"tie", tune("C-C D-|D E-F"), "60:2 62:2 64:1 65:1"},
		{"rest", tune("C z2 D"), "60:1 z 62:1"},
		{"what only says how", tune(`"Am".C ~D !trill!E {fg}F (GA)`), "60:1 62:1 64:1 65:1 67:1 69:1"},
		{"repeat", tune("C|:D E:|F"), "60:1 62:1 64:1 62:1 64:1 65:1"},
		{"repeat from the beginning", tune("C D:|E"), "60:1 62:1 60:1 62:1 64:1"},
		{"two repeats", tune("|:C::D:|"), "60:1 60:1 62:1 62:1"},
		{"endings", tune("|:C|1 D:|2 E|]F"), "60:1 62:1 60:1 64:1 65:1"},
		{"endings in brackets", tune("C|[1 D:|!\n[2 E|]"), "60:1 62:1 60:1 64:1"},
		{"change of key", tune("F[K:G]F|F"), "65:1 66:1 66:1"},
		{"change of length", tune("C\nL:1/4\nD"), "60:1 62:2"},
		{"length from the meter", "X:1\nM:2/4\nK:C\nC", "60:0.5"},
		{"comment", tune("C % D\nE"), "60:1 64:1"},
		{"only the first", tune("C\n\nX:2\nK:C\nD"), "60:1"},
	} {
		if got := spell(t, tt.abc); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for abc, says := range map[string]string{
		"":                       "no field K",
		"X:1\nT:Test":            "no field K",
		tune(""):                 "no notes",
		tune("C #"):              `line 6: "#"`,
		tune("[CE"):              "without ]",
		tune("[]"):               "without notes",
		tune(">C"):               "without a note",
		tune("(1C"):              "tuplet",
		tune("C99999999"):        "ticks",
		tune("C/9999"):           "ticks",
		tune("C'''''''"):         "out of range",
		"X:1\nM:5/7\nK:C\nC":     "no meter",
		"X:1\nK:H\nC":            "no key",
		"X:1\nK:Cwhatever\nC":    "no key",
		"X:one\nK:C\nC":          "no number",
		"X:1\n?:2\nK:C\nC":       "no field",
		"X:1\nK:C\nJ:1\nC":       "no field",
		"hello\nK:C\nC":          "expected a field",
		tune("[K:"):              "without ]",
		tune(`"Am C`):            "behind it",
		tune("{C"):               "behind it",
		strings.Repeat("x", 2e6): "bytes",
	} {
		if _, err := Parse(abc); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", abc, err, says)
		}
	}
}

func TestCheck(t *testing.T) {
	for abc, faults := range map[string]int{
		"CD|EFGABcde|CDEFGABc|CD":             0, // short at both ends
		"CDEFGABc|CDEF|CDEFGABc|CDEFGABc":     1,
		"CDEFGABc|CDEFGABcd|CDEFGABc|C":       1,
		"CDEFGAB:|C|CDEFGABc|CDEFGABc":        0, // an upbeat behind a repeat
		"C16|C8|(3CDE C6|C>D C6|C8":           1,
		"CDEFGABc|1CDEFG:|2CDEFG|CDEFGABc|C2": 0,
	} {
		parsed, err := Parse(tune(abc))
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		if err := parsed.Check(); err != nil {
			got = strings.Count(err.Error(), "\n") + 1
		}
		if got != faults {
			t.Errorf("%s: %d faults, want %d: %v", abc, got, faults, parsed.Check())
		}
	}
}

// TestMIDI reads the file by hand, message by message.
func TestMIDI(t *testing.T) {
	parsed, err := Parse(tune("C2 [EG]z C"))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := parsed.WriteMIDI(&file); err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(
		[]byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk\x00\x00\x00\x36"),
		[]byte("\x00\xff\x03\x04Test"), []byte("\x00\xff\x51\x03\x08\x52\xae"), []byte("\x00\xc0\x28"),
		[]byte("\x00\x90\x3c\x5a"), []byte("\x83\x60\x80\x3c\x5a"), // 480 ticks
		[]byte("\x00\x90\x40\x5a"), []byte("\x00\x90\x43\x5a"), []byte("\x81\x70\x80\x40\x5a"), []byte("\x00\x80\x43\x5a"),
		[]byte("\x81\x70\x90\x3c\x5a"), []byte("\x81\x70\x80\x3c\x5a"), // behind a rest
		[]byte("\x00\xff\x2f\x00"),
	)
	want[21] = byte(len(want) - 22)
	if !bytes.Equal(file.Bytes(), want) {
		t.Errorf("wrote\n% x, want\n% x", file.Bytes(), want)
	}
}

// TestWAV measures the pitch of a note in what was written, by counting its periods.
func TestWAV(t *testing.T) {
	parsed, err := Parse(tune("A8")) // 440 Hz
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := parsed.WriteWAV(&file); err != nil {
		t.Fatal(err)
	}
	data := file.Bytes()
	if got := binary.LittleEndian.Uint32(data[40:]); int(got) != len(data)-44 || binary.LittleEndian.Uint32(data[4:]) != got+36 {
		t.Errorf("the header has %d bytes of samples, the file %d", got, len(data)-44)
	}
	// the strength of a frequency in the first second
	strength := func(hz float64) float64 {
		re, im := 0.0, 0.0
		for i := range Rate {
			v := float64(int16(binary.LittleEndian.Uint16(data[44+2*i:])))
			re += v * math.Cos(2*math.Pi*hz*float64(i)/Rate)
			im += v * math.Sin(2*math.Pi*hz*float64(i)/Rate)
		}
		return math.Hypot(re, im)
	}
	for _, other := range []float64{415.3, 466.16, 220, 660} {
		if strength(440) < 10*strength(other) {
			t.Errorf("440 Hz has %.3g, %v Hz %.3g", strength(440), other, strength(other))
		}
	}
}

func TestSVG(t *testing.T) {
	parsed, err := Parse("X:1\nT:A & <B>\nK:C\nCDEF|GABc|")
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := parsed.WriteSVG(&file); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(file.String(), `class="n"`); n != 8 {
		t.Errorf("%d notes are drawn, want 8", n)
	}
	d := xml.NewDecoder(&file)
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(tune("|:C>D (3EFG [ce]2|1 A4-A4:|2 z8|]"))
	f.Add("X:1\nM:6/8\nK:Bm\n[K:G]{ab}~c'_d,,/4 \"x\"!y!^f")
	f.Fuzz(func(t *testing.T, abc string) {
		parsed, err := Parse(abc)
		if err != nil {
			return
		}
		_ = parsed.Check()
		for _, n := range parsed.Played() {
			if n.Ticks < 1 || n.Start < 0 || len(n.Pitches) == 0 {
				t.Fatalf("note %+v of %q", n, abc)
			}
		}
		if err := parsed.WriteMIDI(io.Discard); err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleParse() {
	t, err := Parse("X:1\nT:A scale\nM:4/4\nL:1/4\nK:D Major\nDEFG|ABcd|")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range t.Played() {
		fmt.Print(n.Pitches[0], " ")
	}
	// Output: 62 64 66 67 69 71 73 74
}
