package data_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/finetune/data"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTables(t *testing.T) {
	want := []data.Example{{Text: "a, b", Label: "x", Line: 2}, {Text: "c", Label: "y", Line: 3}}
	for _, tt := range []struct{ file, text string }{
		{"named.csv", "text,category\n\"a, b\",x\nc,y\n"},
		{"order.csv", "label,other,sentence\nx,1,\"a, b\"\ny,2,c\n"},
		{"plain.tsv", "ignored\tz\na, b\tx\nc\ty\n"},
		{"lines.jsonl", "\n{\"text\": \"a, b\", \"label\": \"x\"}\n{\"text\": \"c\", \"label\": \"y\"}\n"},
	} {
		s, err := data.Open(write(t, tt.file, tt.text), data.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Examples
		if tt.file == "plain.tsv" {
			got = got[1:] // its first row is an example too
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", tt.file, got, want)
		}
	}
}

func TestBadRows(t *testing.T) {
	path := write(t, "a.csv", "text,label\ngood,x\nshort\n,y\nalso good,y\nno label,\n")
	s, err := data.Open(path, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, b := range s.Bad {
		lines = append(lines, b.Line)
	}
	if len(s.Examples) != 2 || !slices.Equal(lines, []int{3, 4, 6}) {
		t.Errorf("got %d examples and bad lines %v, want 2 and [3 4 6]", len(s.Examples), lines)
	}
	if _, err := data.Open(path, data.Options{Strict: true}); err == nil || !strings.Contains(err.Error(), "line 3: 1 columns, expected at least 2") {
		t.Errorf("strict: got %v", err)
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ file, text, says string }{
		{"empty.csv", "", "the file is empty"},
		{"header.csv", "text,label\n", "has no examples"},
		{"one.csv", "text,label\na,x\nb,x\n", `one class only, "x"`},
		{"a.txt", "a", `a file of type ".txt"`},
	} {
		s, err := data.Open(write(t, tt.file, tt.text), data.Options{})
		if err == nil {
			err = s.Check()
		}
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want %q", tt.file, err, tt.says)
		}
	}
}

// Every class is divided alike, and the same seed divides alike.
func TestSplit(t *testing.T) {
	s := &data.Set{}
	for i := range 100 {
		s.Examples = append(s.Examples, data.Example{Text: string(rune('a' + i)), Label: []string{"x", "x", "x", "y"}[i%4]})
	}
	first, second := s.Split(0.2, 1)
	counts := map[string]int{}
	for _, e := range second.Examples {
		counts[e.Label]++
	}
	if counts["x"] != 15 || counts["y"] != 5 || len(first.Examples) != 80 {
		t.Errorf("got %v and %d left, want 15 of x, 5 of y and 80", counts, len(first.Examples))
	}
	if _, again := s.Split(0.2, 1); !slices.Equal(again.Examples, second.Examples) {
		t.Error("the same seed divides another way")
	}
	if _, other := s.Split(0.2, 2); slices.Equal(other.Examples, second.Examples) {
		t.Error("another seed divides the same way")
	}
}
