package pretoken

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ spec, text, want string }{
		{`{"type": "WhitespaceSplit"}`, " a\u3000b\n", "a1 b5"},
		{`{"type": "Whitespace"}`, "don't stop_it!? é²", "don0 '3 t4 stop_it6 !?13 é16 ²18"},
		{`{"type": "BertPreTokenizer"}`, "a, b-c$", "a0 ,1 b3 -4 c5 $6"},
		{`{"type": "Punctuation", "behavior": "Removed"}`, "a,b", "a0 b2"},
		{`{"type": "Digits", "individual_digits": true}`, "a12", "a0 11 22"},
		{`{"type": "Digits", "individual_digits": false}`, "12a3", "120 a2 33"},
		{`{"type": "CharDelimiterSplit", "delimiter": "-"}`, "a--b", "a0 b3"},
		{`{"type": "FixedLength", "length": 2}`, "aéb日c", "aé0 b日3 c7"},
		{`{"type": "UnicodeScripts"}`, " ab のк1", "ab 1 の4 к7 19"},
		{`{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}`, "a b  c", "▁a0 ▁b1 ▁3 ▁c4"},
		{`{"type": "Metaspace", "replacement": "_", "prepend_scheme": "never", "split": false}`, "a b", "a_b0"},
		{`{"type": "Metaspace", "replacement": "_", "add_prefix_space": false}`, "a b", "a0 _b1"},
		{`{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}`, "a é\n\n b", "Ġa0 ĠÃ©1 ĊĊ4 Ġb6"},
		{`{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}`, "a b", "aĠb0"},
		{`{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}]}]}`, "a1 b", "a0 11 b3"},
		{`{"type": "Sequence", "pretokenizers": []}`, "a b", "a b0"},
	} {
		check(t, c.spec, c.text, c.want)
	}
}

// check splits text and compares the pieces and where each begins.
func check(t *testing.T, spec, text, want string) {
	t.Helper()
	s, err := Parse([]byte(spec), "pre_tokenizer")
	if err != nil {
		t.Errorf("%s: %v", spec, err)
		return
	}
	var got []string
	err = s.Split(aligned.New(text), func(piece aligned.Text) error {
		start, _ := piece.Range(0, len(piece.Bytes))
		got = append(got, fmt.Sprintf("%s%d", piece.Bytes, start))
		return nil
	})
	if s := strings.Join(got, " "); err != nil || s != want {
		t.Errorf("%s of %q\n got %s, %v\nwant %s", spec, text, s, err, want)
	}
}

// TestBehavior cuts "ab--c-" at "-" with each behavior.
func TestBehavior(t *testing.T) {
	for behavior, want := range map[string]string{
		"Isolated":           "ab0 -2 -3 c4 -5",
		"Removed":            "ab0 c4",
		"MergedWithPrevious": "ab-0 -3 c-4",
		"MergedWithNext":     "ab0 -2 -c3 -5",
		"Contiguous":         "ab0 --2 c4 -5",
	} {
		spec := `{"type": "Split", "pattern": {"String": "-"}, "behavior": "` + behavior + `", "invert": false}`
		check(t, spec, "ab--c-", want)
	}
	check(t, `{"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Removed", "invert": true}`, "ab--c-", "ab0 c4")
}

func TestErrorEndsSplit(t *testing.T) {
	want := errors.New("enough")
	count := 0
	err := Sequence{WhitespaceSplit{}, Punctuation{}}.Split(aligned.New("a,b c d"), func(aligned.Text) error {
		if count++; count == 2 {
			return want
		}
		return nil
	})
	if !errors.Is(err, want) || count != 2 {
		t.Errorf("%v after %d pieces, want %v after 2", err, count, want)
	}
}
