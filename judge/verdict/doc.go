// Package verdict reads verdicts from the text that judges write: one file a form of
// answer, each usable alone.
//
//	Output          "Therefore, Output (b) is better."        LLMBar
//	Brackets        "[[A]]", "[[B]]", "[[C]]", "[[A>B]]"      MT-Bench, Arena-Hard
//	Rating          "Rating: [[7]]", "7/10"                   MT-Bench
//	Result          "Feedback: … [RESULT] 4"                  Prometheus
//	JSONChoice, JSONScores                                    structured output
//	Ranking         "B > A > C", "[2, 1, 3]"                  listwise
//	Likeliest, Expected                                       log-probabilities of labels
//
// Parsers are total: any text gives a reading, and a text without a verdict gives an
// unscored one with a reason. Judges reason first and conclude last, and may quote the
// candidates, so that of several verdicts the final one counts; where it is not clear
// that one is final, the reading is [judge.Ambiguous] rather than a guess. The time of
// a parser is linear in the text.
package verdict

import (
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

// A ChoiceParser reads the outcome of a comparison, as the judge saw the order.
type ChoiceParser func(text string) judge.Reading[judge.Choice]

// A ScoreParser reads one score.
type ScoreParser func(text string) judge.Reading[float64]

// FirstOf returns a parser that tries several and takes the first that reads a value.
// Where none does, the reading of the first stands, with its reason.
func FirstOf[T any](parsers ...func(string) judge.Reading[T]) func(string) judge.Reading[T] {
	return func(text string) judge.Reading[T] {
		var first judge.Reading[T]
		for i, parse := range parsers {
			r := parse(text)
			if r.Scored() {
				return r
			}
			if i == 0 {
				first = r
			}
		}
		return first
	}
}

// A found verdict: what was said, and where in the text it ends.
type found[T any] struct {
	value T
	start int
	end   int
}

// final returns the last of the verdicts in text. Where verdicts differ, the last one
// counts only when it stands in the last paragraph that says anything, and that
// paragraph holds no other.
func final[T comparable](text string, all []found[T]) judge.Reading[T] {
	if len(all) == 0 {
		return none[T](text)
	}
	last := all[len(all)-1]
	agree := true
	for _, f := range all {
		agree = agree && f.value == last.value
	}
	if agree {
		return judge.Read(last.value)
	}
	if strings.Contains(strings.TrimSpace(text[last.end:]), "\n") {
		return judge.Unscored[T](judge.Ambiguous, "verdicts that differ, none at the end")
	}
	paragraph := strings.LastIndexByte(text[:last.start], '\n') + 1
	for _, f := range all {
		if f.start >= paragraph && f.value != last.value {
			return judge.Unscored[T](judge.Ambiguous, "the last line holds verdicts that differ")
		}
	}
	return judge.Read(last.value)
}

// none is the reading of a text in which no verdict was found.
func none[T any](text string) judge.Reading[T] {
	if strings.TrimSpace(text) == "" {
		return judge.Unscored[T](judge.Empty, "")
	}
	return judge.Unscored[T](judge.NoVerdict, "")
}

// unmarked returns text without the marks of emphasis and quotation of Markdown.
func unmarked(text string) string {
	return strings.NewReplacer("*", "", "`", "", "_", "", "\"", "", "“", "", "”", "").Replace(text)
}
