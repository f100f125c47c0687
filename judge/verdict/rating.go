package verdict

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

const number = `(-?\d+(?:\.\d+)?)`

// ratingForms are the ways in which judges write a score, the most explicit first: the
// first form that occurs at all is the one that is read.
var ratingForms = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\brating\s*:?\s*\[\[\s*` + number + `\s*\]\]`),
	regexp.MustCompile(`\[\[\s*` + number + `\s*\]\]`),
	regexp.MustCompile(`(?i)\b(?:overall\s+|final\s+)?(?:rating|score)\b\s*(?:is|of|:|=)*\s*\[?\(?` + number + `\b`),
	regexp.MustCompile(`(?i)\b` + number + `\s*(?:/|out of)\s*\d+\b`),
	regexp.MustCompile(`^\s*\(?\[?` + number + `\]?\)?[\s.]*$`),
}

// Rating returns a parser of one score from lo to hi: "Rating: [[7]]", "[[7]]",
// "Score: 7", "7/10", "7 out of 10", or the number alone.
func Rating(lo, hi float64) ScoreParser {
	return func(text string) judge.Reading[float64] {
		return score(unmarked(text), ratingForms, lo, hi)
	}
}

// resultForms are Prometheus's form, and what its models write for it.
var resultForms = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\[result\]\s*:?\s*(?:the\s+)?(?:overall\s+)?(?:score)?\s*(?:is|:)?\s*\[?\(?` + number + `\b`),
	regexp.MustCompile(`(?i)\b(?:overall\s+|final\s+)?score\b\s*(?:is|of|:|=)*\s*\[?\(?` + number + `\b`),
}

// Result returns a parser of Prometheus's "Feedback: … [RESULT] 4", a score from lo to hi.
func Result(lo, hi float64) ScoreParser {
	return func(text string) judge.Reading[float64] {
		return score(unmarked(text), resultForms, lo, hi)
	}
}

// score reads the first of forms that occurs in text.
func score(text string, forms []*regexp.Regexp, lo, hi float64) judge.Reading[float64] {
	for _, re := range forms {
		var all []found[float64]
		for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
			v, err := strconv.ParseFloat(text[m[2]:m[3]], 64)
			if err != nil {
				continue // a number with too many digits for a float64
			}
			all = append(all, found[float64]{v, m[0], m[1]})
		}
		if len(all) == 0 {
			continue
		}
		v, ok := final(text, all).Value()
		if !ok {
			return final(text, all)
		}
		return inScale(v, lo, hi)
	}
	return none[float64](strings.TrimSpace(text))
}

// inScale returns the reading of v on the scale from lo to hi.
func inScale(v, lo, hi float64) judge.Reading[float64] {
	if v < lo || v > hi || math.IsNaN(v) {
		return judge.Unscored[float64](judge.OutOfRange, fmt.Sprintf("%g, the scale is %g to %g", v, lo, hi))
	}
	return judge.Read(v)
}
