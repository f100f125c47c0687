package verdict

import (
	"regexp"
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

const outputLabel = `(?:outputs?|responses?|answers?|assistant)\s*\(?\b(a|b|1|2)\b\)?`

var (
	outputAlone  = regexp.MustCompile(`(?i)^(?:therefore,?\s*)?(?:` + outputLabel + `|\(?(a|b|1|2)\)?)[\s.!:;]*$`)
	outputBetter = regexp.MustCompile(`(?i)` + outputLabel +
		`\s+(?:is|was|would be|remains|seems|appears)\s+(?:(?:the|to be|much|slightly|clearly|significantly|overall|far|therefore|still|marginally)\s+)*` +
		`(better|superior|preferable|best|worse|inferior)\b`)
	outputWinner = regexp.MustCompile(`(?i)\b(?:(?:better|best|preferred|winning)\s+(?:output|response|answer|one|choice)\s+(?:is|would be)|winner\s*(?:is|:)|verdict\s*(?:is|:))\s*:?\s*` + outputLabel)
	outputBoth   = regexp.MustCompile(`(?i)\b(?:(?:both|neither)\b[^.\n]*\boutputs?\b|(?:outputs?|responses?|answers?)\b[^.\n]*\b(?:equally good|equally bad|equivalent|tied?)\b)`)
)

// Output reads answers in the manner of LLMBar: "Output (a)", alone, or reasoning that
// ends in "Therefore, Output (a) is better." It is lenient in case, marks of emphasis and
// wording, and in the noun. An answer that only says that both are good or neither is, is
// [judge.Abstained]: its prompts ask for one of two.
func Output(text string) judge.Reading[judge.Choice] {
	plain := unmarked(text)
	if m := outputAlone.FindStringSubmatch(strings.TrimSpace(plain)); m != nil {
		return judge.Read(labelChoice(m[1] + m[2]))
	}
	var all []found[judge.Choice]
	for _, re := range []*regexp.Regexp{outputBetter, outputWinner} {
		for _, m := range re.FindAllStringSubmatchIndex(plain, -1) {
			c := labelChoice(plain[m[2]:m[3]])
			if len(m) > 4 {
				if word := strings.ToLower(plain[m[4]:m[5]]); word == "worse" || word == "inferior" {
					c = c.Swap()
				}
			}
			all = append(all, found[judge.Choice]{c, m[0], m[1]})
		}
	}
	if len(all) == 0 {
		if outputBoth.MatchString(plain) {
			return judge.Unscored[judge.Choice](judge.Abstained, "says both or neither")
		}
		return none[judge.Choice](text)
	}
	return finalSentence(plain, all)
}

// finalSentence returns the verdict that ends last, unless the same sentence holds the
// other too.
func finalSentence(text string, all []found[judge.Choice]) judge.Reading[judge.Choice] {
	last := all[0]
	for _, f := range all {
		if f.end > last.end {
			last = f
		}
	}
	begin := strings.LastIndexAny(text[:last.start], ".!?\n;") + 1
	for _, f := range all {
		if f.start >= begin && f.value != last.value {
			return judge.Unscored[judge.Choice](judge.Ambiguous, "one sentence with both verdicts")
		}
	}
	return judge.Read(last.value)
}

// labelChoice returns the candidate that a label of a prompt stands for.
func labelChoice(label string) judge.Choice {
	switch strings.ToLower(label) {
	case "a", "1":
		return judge.First
	default:
		return judge.Second
	}
}
