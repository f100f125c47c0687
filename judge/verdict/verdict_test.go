package verdict

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/judge"
)

// want is the text of a reading: a value, or the reason why there is none.
func text[T any](r judge.Reading[T]) string {
	if v, ok := r.Value(); ok {
		return fmt.Sprint(v)
	}
	return string(r.Reason())
}

type answer struct{ text, want string }

func check[T any](t *testing.T, parse func(string) judge.Reading[T], answers []answer) {
	t.Helper()
	for _, a := range answers {
		if got := text(parse(a.text)); got != a.want {
			t.Errorf("%q reads as %s, want %s", a.text, got, a.want)
		}
	}
}

func TestOutput(t *testing.T) {
	check(t, Output, []answer{
		{"Output (a)", "first"},
		{"Output (b)", "second"},
		{" **Output (b)**.\n", "second"},
		{"output (A)", "first"},
		{"b", "second"},
		{"(a)", "first"},
		{"Output 2", "second"},
		{"It answers what is asked. Therefore, Output (a) is better.", "first"},
		{"At first sight Output (a) is better. But it is wrong. Therefore, Output (b) is better.", "second"},
		{"Output (a) is better than Output (b).", "first"},
		{"Output (b) is clearly the better one.", "second"},
		{"Output (a) is worse.", "second"},
		{"The better output is Output (b).", "second"},
		{"Output (a) is better in style, Output (b) is better in substance.", string(judge.Ambiguous)},
		{"Output (a) is not better, and that is all.", string(judge.NoVerdict)},
		{"Both Output (a) and Output (b) are equally good.", string(judge.Abstained)},
		{"Therefore, neither Output (a) nor Output (b) does it.", string(judge.Abstained)},
		{"Therefore, based on the fact that Output (a) precisely executes the", string(judge.NoVerdict)},
		{"rules rules rules", string(judge.NoVerdict)},
		{"", string(judge.Empty)},
		{" \n", string(judge.Empty)},
	})
}

func TestBrackets(t *testing.T) {
	check(t, Brackets, []answer{
		{"A is more exact. [[A]]", "first"},
		{"[[B]]", "second"},
		{"[[C]]", "tie"},
		{"[[tie]]", "tie"},
		{"My final verdict is: [[A>>B]]", "first"},
		{"[[B>A]]", "second"},
		{"[[A=B]]", "tie"},
		{"[[A<B]]", "second"},
		{"[[B < A]]", "first"},
		{"Final verdict: **B**", "second"},
		{"The answer quotes \"[[A]]\", which is odd.\nVerdict:\n[[B]]", "second"},
		{"I should write [[A]] if A is better, [[B]] if B is better, and [[C]] for a tie.", string(judge.Ambiguous)},
		{"[[A]]\n[[B]]\nand then it goes on\nfor a while", string(judge.Ambiguous)},
		{"A is better", string(judge.NoVerdict)},
		{"", string(judge.Empty)},
	})
}

func TestRating(t *testing.T) {
	check(t, Rating(1, 10), []answer{
		{"Good. Rating: [[7]]", "7"},
		{"Rating: [[7.5]]", "7.5"},
		{"[[10]]", "10"},
		{"Score: 6", "6"},
		{"**Rating**: 8/10", "8"},
		{"I give it 9 out of 10.", "9"},
		{"4", "4"},
		{"Rating: [[11]]", string(judge.OutOfRange)},
		{"Rating: [[0]]", string(judge.OutOfRange)},
		{"Rating: [[-3]]", string(judge.OutOfRange)},
		{"The text says \"Rating: [[10]]\".\nThat is no argument.\nRating: [[2]]", "2"},
		{"Rating: [[3]] or rather Rating: [[4]]", string(judge.Ambiguous)},
		{"There are 3 errors in 2 lines", string(judge.NoVerdict)},
		{"", string(judge.Empty)},
	})
}

func TestResult(t *testing.T) {
	check(t, Result(1, 5), []answer{
		{"Feedback: it is fine. [RESULT] 4", "4"},
		{"Feedback: … [RESULT] (5)", "5"},
		{"[RESULT] Score: 3", "3"},
		{"[Result]: 2", "2"},
		{"So the overall score is 1.", "1"},
		{"[RESULT] 7", string(judge.OutOfRange)},
		{"[RESULT]", string(judge.NoVerdict)},
		{"", string(judge.Empty)},
	})
}

func TestJSONChoice(t *testing.T) {
	check(t, JSONChoice("winner"), []answer{
		{`{"winner":"A"}`, "first"},
		{"```json\n{\"why\": \"short\", \"winner\": \"b\"}\n```", "second"},
		{`{"winner":"tie"}`, "tie"},
		{`{"winner": 2}`, "second"},
		{`{"winner": "Output (a)"}`, "first"},
		{`It wrote {"winner":"A"}, which is a trick. {"winner":"B"}`, "second"},
		{`{"winner": null}`, string(judge.Abstained)},
		{`{"verdict":"A"}`, string(judge.NoVerdict)},
		{`{"winner":`, string(judge.Malformed)},
		{"A", string(judge.Malformed)},
		{"", string(judge.Empty)},
		{strings.Repeat("{", 1000) + `{"winner":"A"}`, "first"},
	})
}

func TestJSONScores(t *testing.T) {
	got := JSONScores(`{"scores":{"clear":4,"true":{"score":"5","why":"…"}},"brief":9,"kind":[1]}`,
		[]string{"clear", "true", "brief", "kind", "absent"}, 1, 5)
	for name, want := range map[string]string{
		"clear": "4", "true": "5",
		"brief": string(judge.OutOfRange), "kind": string(judge.Malformed), "absent": string(judge.NoVerdict),
	} {
		if s := text(got[name]); s != want {
			t.Errorf("%s reads as %s, want %s", name, s, want)
		}
	}
}

func TestRanking(t *testing.T) {
	parse := func(s string) judge.Reading[[]int] { return Ranking(3)(s) }
	check(t, parse, []answer{
		{"B > A > C", "[1 0 2]"},
		{"My order: [[C>A>B]]", "[2 0 1]"},
		{"[2, 1, 3]", "[1 0 2]"},
		{`{"ranking": ["C", "B", "A"]}`, "[2 1 0]"},
		{"First I thought A > B > C, then C > B > A.", "[2 1 0]"},
		{"A > B", string(judge.Malformed)},
		{"A > B > B", string(judge.Malformed)},
		{"1 > 2 > 4", string(judge.Malformed)},
		{"no order", string(judge.NoVerdict)},
		{"", string(judge.Empty)},
	})
}

func TestLogProbs(t *testing.T) {
	lp := map[string]float64{"1": math.Log(0.2), "2": math.Log(0.2), "3": math.Log(0.1), "other": math.Log(0.5)}
	got, ok := Expected(lp, map[string]float64{"1": 1, "2": 2, "3": 3, "4": 4}).Value()
	// (0.2·1 + 0.2·2 + 0.1·3) / 0.5
	if want := 1.8; !ok || math.Abs(got-want) > 1e-12 {
		t.Errorf("Expected = %v, %v; want %v", got, ok, want)
	}
	label, p := Likeliest(lp, []string{"3", "2", "1"})
	if got := text(label); got != "2" || math.Abs(p-0.4) > 1e-12 {
		t.Errorf("Likeliest = %s with %v, want 2 with 0.4", got, p)
	}
	for name, bad := range map[string]map[string]float64{
		"none": nil, "other labels": {"x": 0}, "not a logarithm": {"1": 0.3}, "NaN": {"1": math.NaN()},
	} {
		if r := Expected(bad, map[string]float64{"1": 1}); r.Scored() {
			t.Errorf("%s: Expected = %v, want it unscored", name, r)
		}
	}
}

func TestFirstOf(t *testing.T) {
	parse := FirstOf(JSONScore("score", 1, 5), Result(1, 5))
	check(t, parse, []answer{
		{`{"score": 3}`, "3"},
		{"[RESULT] 2", "2"},
		{"nothing", string(judge.Malformed)},
	})
}

// FuzzParsers: any text gives a reading, and a value lies on the scale.
func FuzzParsers(f *testing.F) {
	for _, s := range []string{
		"Output (a)", "[[A]] [[B]]", "Rating: [[7]]", "[RESULT] 4", `{"score":3,"winner":"A"}`,
		"B > A > C", "[2,1,3]", "{{{{", "[[A>B]]", "Rating: [[1e999]]", "ranking [\"A\"]", "\xff[[\xff]]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, parse := range []ChoiceParser{Output, Brackets, JSONChoice("winner")} {
			c, ok := parse(s).Value()
			if ok && c != judge.First && c != judge.Second && c != judge.Tie {
				t.Errorf("%q reads as %v", s, c)
			}
		}
		for _, parse := range []ScoreParser{Rating(1, 10), Result(1, 10), JSONScore("score", 1, 10)} {
			if v, ok := parse(s).Value(); ok && !(v >= 1 && v <= 10) {
				t.Errorf("%q reads as %v, the scale is 1 to 10", s, v)
			}
		}
		if order, ok := Ranking(3)(s).Value(); ok {
			if slices.Sort(order); !slices.Equal(order, []int{0, 1, 2}) {
				t.Errorf("%q reads as an order of %v", s, order)
			}
		}
	})
}
