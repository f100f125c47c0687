package verdict

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

// JSONChoice returns a parser of the outcome in a field of a JSON object: "A", "B", "tie",
// "first", "Output (a)", 1, 2, 0. The object may stand in a code fence or in prose.
func JSONChoice(field string) ChoiceParser {
	return func(text string) judge.Reading[judge.Choice] {
		object, ok := lastObject(text)
		if !ok {
			return noObject[judge.Choice](text)
		}
		value, ok := object[field]
		if !ok {
			return judge.Unscored[judge.Choice](judge.NoVerdict, fmt.Sprintf("no field %q", field))
		}
		return jsonChoice(value)
	}
}

func jsonChoice(value any) judge.Reading[judge.Choice] {
	switch word := strings.ToLower(strings.TrimSpace(fmt.Sprint(value))); strings.Trim(word, "[]()") {
	case "a", "1", "first", "output_1", "response_a":
		return judge.Read(judge.First)
	case "b", "2", "second", "output_2", "response_b":
		return judge.Read(judge.Second)
	case "c", "0", "tie", "draw", "equal", "both":
		return judge.Read(judge.Tie)
	case "abstain", "null", "<nil>", "none", "neither", "unknown":
		return judge.Unscored[judge.Choice](judge.Abstained, word)
	default:
		return Output(word)
	}
}

// JSONScores reads the fields of a JSON object as scores from lo to hi, one for each
// criterion; a criterion whose field is absent or no number is unscored. Fields are
// looked for at the top and in an object called "scores".
func JSONScores(text string, criteria []string, lo, hi float64) map[string]judge.Reading[float64] {
	out := make(map[string]judge.Reading[float64], len(criteria))
	object, ok := lastObject(text)
	inner, _ := object["scores"].(map[string]any)
	for _, name := range criteria {
		value, have := object[name]
		if !have {
			value, have = inner[name]
		}
		switch {
		case !ok:
			out[name] = noObject[float64](text)
		case !have:
			out[name] = judge.Unscored[float64](judge.NoVerdict, fmt.Sprintf("no field %q", name))
		default:
			out[name] = jsonScore(value, lo, hi)
		}
	}
	return out
}

// JSONScore returns a parser of one score from lo to hi in a field of a JSON object.
func JSONScore(field string, lo, hi float64) ScoreParser {
	return func(text string) judge.Reading[float64] {
		return JSONScores(text, []string{field}, lo, hi)[field]
	}
}

func jsonScore(value any, lo, hi float64) judge.Reading[float64] {
	switch v := value.(type) {
	case nil:
		return judge.Unscored[float64](judge.Abstained, "null")
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return inScale(f, lo, hi)
		}
	case string:
		if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
			return inScale(f, lo, hi)
		}
	case map[string]any: // {"score": 4, "why": "…"}
		if inner, ok := v["score"]; ok {
			if _, nested := inner.(map[string]any); !nested {
				return jsonScore(inner, lo, hi)
			}
		}
	}
	return judge.Unscored[float64](judge.Malformed, fmt.Sprintf("%v is no number", value))
}

// maxObjects is how many braces of an answer are tried, the last ones: each can cost a
// pass over the text, and an answer may be nothing but braces.
const maxObjects = 128

// lastObject returns the last JSON object of text that no other holds.
func lastObject(text string) (map[string]any, bool) {
	begin := len(text)
	for range maxObjects {
		open := strings.LastIndexByte(text[:begin], '{')
		if open < 0 {
			break
		}
		begin = open
	}
	var last map[string]any
	ok := false
	for rest := text[begin:]; rest != ""; {
		dec := json.NewDecoder(strings.NewReader(rest))
		dec.UseNumber()
		var object map[string]any
		skip := 1
		if err := dec.Decode(&object); err == nil {
			last, ok = object, true
			skip = int(dec.InputOffset())
		}
		next := strings.IndexByte(rest[skip:], '{')
		if next < 0 {
			break
		}
		rest = rest[skip+next:]
	}
	return last, ok
}

// noObject is the reading of a text without a JSON object.
func noObject[T any](text string) judge.Reading[T] {
	if strings.TrimSpace(text) == "" {
		return judge.Unscored[T](judge.Empty, "")
	}
	return judge.Unscored[T](judge.Malformed, "no JSON object")
}
