package verdict

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

var (
	doubleBracket = regexp.MustCompile(`(?i)\[\[\s*([abc]|tie|[ab]\s*(?:>{1,2}|<{1,2}|=)\s*[ab])\s*\]\]`)
	namedVerdict  = regexp.MustCompile(`(?im)\b(?:final\s+)?(?:verdict|choice|answer|winner)\s*(?:is|:)\s*\[{0,2}\(?(?:assistant\s+)?([abc]|tie)\b`)
)

// Brackets reads "[[A]]", "[[B]]" and "[[C]]" or "[[Tie]]", and the graded "[[A>>B]]",
// "[[A>B]]", "[[A=B]]", "[[B>A]]", "[[B>>A]]". Where no brackets are, a named verdict,
// "Final verdict: A", is taken.
func Brackets(text string) judge.Reading[judge.Choice] {
	if all := choices(text, doubleBracket); len(all) > 0 {
		return final(text, all)
	}
	plain := unmarked(text)
	return final(plain, choices(plain, namedVerdict))
}

// choices returns the verdicts that re finds in text.
func choices(text string, re *regexp.Regexp) []found[judge.Choice] {
	var all []found[judge.Choice]
	for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
		all = append(all, found[judge.Choice]{bracketChoice(text[m[2]:m[3]]), m[0], m[1]})
	}
	return all
}

// bracketChoice returns the outcome that the inside of brackets stands for.
func bracketChoice(label string) judge.Choice {
	label = strings.ToLower(strings.Join(strings.Fields(label), ""))
	switch {
	case label == "a":
		return judge.First
	case label == "b":
		return judge.Second
	case slices.Contains([]string{"c", "tie"}, label) || strings.Contains(label, "=") || label[0] == label[len(label)-1]:
		return judge.Tie
	case strings.Contains(label, ">") == (label[0] == 'a'): // a>b or b<a
		return judge.First
	default:
		return judge.Second
	}
}
