package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestReading(t *testing.T) {
	var zero Reading[float64]
	if v, ok := zero.Value(); ok || v != 0 || zero.Reason() != NotJudged {
		t.Errorf("the zero reading is %v, %v, %q; want it unscored, not judged", v, ok, zero.Reason())
	}
	for _, r := range []Reading[float64]{Read(0.0), Read(7.5), Unscored[float64](OutOfRange, "11"), Unscored[float64](Empty, ""), zero} {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Reading[float64]
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if back.String() != r.String() {
			t.Errorf("%v becomes %s and then %v", r, data, back)
		}
	}
	if got := Map(Read(First), Choice.Swap).String(); got != "second" {
		t.Errorf("first, swapped, is %s", got)
	}
	if got := Map(Unscored[Choice](Abstained, "x"), Choice.Swap); got.Scored() || got.Reason() != Abstained {
		t.Errorf("an unscored choice, swapped, is %v", got)
	}
}

func ExampleReading() {
	for _, r := range []Reading[float64]{Read(7.0), Unscored[float64](NoVerdict, "")} {
		if score, ok := r.Value(); ok {
			fmt.Println("score", score)
		} else {
			fmt.Println("no score:", r.Reason())
		}
	}
	// Output:
	// score 7
	// no score: no verdict found
}

func TestVerdict(t *testing.T) {
	first, second, none := Read(First), Read(Second), Unscored[Choice](Empty, "")
	for _, c := range []struct {
		v       Verdict
		flipped bool
		reason  Reason
	}{
		{Verdict{Choice: &first, Orders: []Reading[Choice]{first, first}}, false, ""},
		{Verdict{Choice: &first, Orders: []Reading[Choice]{first, second}}, true, ""},
		{Verdict{Choice: &none, Orders: []Reading[Choice]{first, none}}, false, Empty},
		{Verdict{Totals: []Reading[float64]{Read(1.0), Unscored[float64](OutOfRange, "")}}, false, OutOfRange},
		{Verdict{Totals: []Reading[float64]{Read(1.0)}}, false, ""},
		{Verdict{}, false, NotJudged},
	} {
		if c.v.Flipped() != c.flipped || c.v.Reason() != c.reason || c.v.Scored() != (c.reason == "") {
			t.Errorf("%+v: flipped %v, reason %q; want %v, %q", c.v, c.v.Flipped(), c.v.Reason(), c.flipped, c.reason)
		}
	}
}

func TestReadJSONL(t *testing.T) {
	const lines = `{"id":"q1","input":"2+2?","candidates":[{"name":"m","text":"4"},{"text":"5"}],"label":"first"}

{"input":"3+3?","output_1":"6","output_2":"7","label":2,"reference":"6","kind":"sum","hard":true}
{"input":"x","candidates":[{"text":"a"},{"text":"b"}],"label":0}
{"input":"y","output":"only"}`
	for name, text := range map[string]string{
		"lines": lines,
		"array": " [" + strings.ReplaceAll(strings.ReplaceAll(lines, "\n\n", "\n"), "\n", ",\n") + "]",
	} {
		var got []string
		for it, err := range ReadJSONL(strings.NewReader(text)) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			label := "-"
			if it.Label != nil {
				label = it.Label.String()
			}
			got = append(got, fmt.Sprint(it.ID, " ", len(it.Candidates), " ", label, " ", it.Reference, " ", it.Metadata))
		}
		want := "q1 2 first  map[]|2 2 second 6 map[hard:true kind:sum]|3 2 tie  map[]|4 1 -  map[]"
		if strings.Join(got, "|") != want {
			t.Errorf("%s: items\n%s\nwant\n%s", name, strings.Join(got, "|"), want)
		}
	}
}

func TestReadCSV(t *testing.T) {
	const text = "\ufeffid,input,output_1,output_2,label,lang\na,\"what,\nnow\",x,y,1,de\nb,z,x,y,,en\n"
	var got []string
	for it, err := range ReadCSV(strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %q %d %v %s", it.ID, it.Input, len(it.Candidates), it.Label != nil, it.Metadata["lang"]))
	}
	if want := `a "what,\nnow" 2 true de|b "z" 2 false en`; strings.Join(got, "|") != want {
		t.Errorf("items %s, want %s", strings.Join(got, "|"), want)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"input":"x"}`, "line 1: item \"1\": no candidates"},
		{"{\"output\":\"y\"}\n{\"output_2\":\"y\"}", "line 2: item \"2\": output_2 without output_1"},
		{`{"output_1":"a","output_2":"b","label":3}`, "line 1: label \"3\""},
		{`{"output":"a","label":1}`, "line 1: item \"1\": a label is"},
		{`{"candidates":[{"text":"a"}],"human":[1,2]}`, "line 1: item \"1\": 2 human scores"},
		{`[{"output":"a"}`, "the end of the array"},
		{`{`, "line 1"},
	} {
		var err error
		for _, e := range ReadJSONL(strings.NewReader(c.text)) {
			err = e
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s…", c.text, err, c.want)
		}
	}
}

func TestTemporary(t *testing.T) {
	busy := &TemporaryError{Err: errors.New("429"), After: time.Second}
	if got, ok := Temporary(fmt.Errorf("asking: %w", busy)); !ok || got.After != time.Second {
		t.Errorf("Temporary = %v, %v", got, ok)
	}
	if _, ok := Temporary(&TemporaryError{Err: context.Canceled}); ok {
		t.Error("a cancelled request is worth another try")
	}
	if _, ok := Temporary(errors.New("400")); ok {
		t.Error("any error is worth another try")
	}
}

func FuzzReadJSONL(f *testing.F) {
	f.Add(`{"output":"y"}`)
	f.Add(`[{"output_1":"a","output_2":"b","label":1}]`)
	f.Add(`{"candidates":[{"text":"a"}],"human":[1]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for it, err := range ReadJSONL(strings.NewReader(text)) {
			if err == nil && it.Check() != nil {
				t.Errorf("%q gives the item %+v: %v", text, it, it.Check())
			}
		}
	})
}
