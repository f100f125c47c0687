package aligned

import (
	"reflect"
	"testing"
)

// spans returns the span of each byte of t.
func spans(t Text) []Span {
	list := make([]Span, len(t.Bytes))
	for i := range list {
		list[i] = t.Span(i)
	}
	return list
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		text, want string
		identity   bool
		spans      []Span
	}{
		{"", "", true, []Span{}},
		{"aé", "aé", true, []Span{{0, 1}, {1, 3}, {1, 3}}},
		{"a\xffb", "a\ufffdb", false, []Span{{0, 1}, {1, 2}, {1, 2}, {1, 2}, {2, 3}}},
	} {
		got := New(c.text)
		if string(got.Bytes) != c.want || got.Identity() != c.identity || !reflect.DeepEqual(spans(got), c.spans) {
			t.Errorf("%q: %q %v %v", c.text, got.Bytes, got.Identity(), spans(got))
		}
	}
}

// TestEditor makes "Über Ko" out of "xÜBER ko " by each kind of step.
func TestEditor(t *testing.T) {
	e := Edit(New("xÜBER ko "))
	e.Skip(1)
	e.Keep(2)
	for _, r := range "ber" {
		e.Replace(1, r)
	}
	if got := e.Done(); !got.Identity() || string(got.Bytes) != "Über" {
		t.Errorf("in place: %q, identity %v", got.Bytes, got.Identity())
	}
	e.Keep(1)
	e.Replace(1, 'К')
	e.Insert('!')
	e.Keep(1)
	e.Skip(1)
	got := e.Done()
	want := []Span{{1, 3}, {1, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}, {7, 8}, {7, 8}, {8, 9}}
	if string(got.Bytes) != "Über К!o" || got.Identity() || !reflect.DeepEqual(spans(got), want) {
		t.Errorf("%q %v, want %v", got.Bytes, spans(got), want)
	}
	if i, j := got.Range(5, 10); i != 6 || j != 9 {
		t.Errorf("range of К!o: %d, %d, want 6, 9", i, j)
	}
	part := got.Slice(6, 10)
	if i, j := part.Range(0, 2); i != 7 || j != 8 || part.Origin != 7 {
		t.Errorf("slice: %d, %d, origin %d", i, j, part.Origin)
	}
}

func TestInsertAtFront(t *testing.T) {
	e := Edit(New("ab"))
	e.Insert('x')
	e.Put('y')
	e.Keep(2)
	e.Put('z')
	got := e.Done()
	want := []Span{{0, 0}, {0, 1}, {0, 1}, {1, 2}, {1, 2}}
	if string(got.Bytes) != "xyabz" || !reflect.DeepEqual(spans(got), want) {
		t.Errorf("%q %v, want %v", got.Bytes, spans(got), want)
	}
}

func TestRange(t *testing.T) {
	text := New("aé日")
	whole := text.Slice(1, 6)
	for _, c := range []struct{ i, j, start, end int }{
		{0, 5, 1, 6},
		{1, 2, 1, 3}, // the second byte of é: the whole of it
		{2, 4, 3, 6}, // two bytes of 日
		{1, 1, 2, 2}, // nothing: at its distance from the origin
		{0, 9, 0, 9}, // behind the end: none
	} {
		if start, end := whole.Range(c.i, c.j); start != c.start || end != c.end {
			t.Errorf("range %d, %d: %d, %d, want %d, %d", c.i, c.j, start, end, c.start, c.end)
		}
	}
}
