package verdict

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

var (
	rankingChain = regexp.MustCompile(`\[{0,2}\(?([A-Z]|\d{1,2})\b\)?(?:\s*>\s*\(?(?:[A-Z]|\d{1,2})\b\)?)+\]{0,2}`)
	rankingArray = regexp.MustCompile(`\[\s*"?(?:[A-Za-z]|\d{1,2})"?(?:\s*,\s*"?(?:[A-Za-z]|\d{1,2})"?)*\s*\]`)
	rankingLabel = regexp.MustCompile(`[A-Z]|\d{1,2}`)
)

// Ranking returns a parser of an order of n candidates, called A, B, C, … or 1, 2, 3, …,
// the best first: "B > A > C", `["B","A","C"]` or [2, 1, 3], also in a field "ranking"
// of a JSON object. The last order in the text that is a permutation of all counts; the
// reading holds indices from 0.
func Ranking(n int) func(text string) judge.Reading[[]int] {
	return func(text string) judge.Reading[[]int] {
		plain := unmarked(text)
		if object, ok := lastObject(text); ok {
			if list, ok := object["ranking"].([]any); ok {
				if data, err := json.Marshal(list); err == nil {
					plain = unmarked(string(data))
				}
			}
		}
		var orders []string
		for _, re := range []*regexp.Regexp{rankingChain, rankingArray} {
			orders = append(orders, re.FindAllString(plain, -1)...)
		}
		if len(orders) == 0 {
			return none[[]int](text)
		}
		for i := len(orders) - 1; i >= 0; i-- {
			if order, ok := permutation(orders[i], n); ok {
				return judge.Read(order)
			}
		}
		return judge.Unscored[[]int](judge.Malformed, fmt.Sprintf("%q is no order of %d candidates", orders[len(orders)-1], n))
	}
}

// permutation reads an order of n labels.
func permutation(text string, n int) ([]int, bool) {
	labels := rankingLabel.FindAllString(strings.ToUpper(text), n+1)
	if len(labels) != n {
		return nil, false
	}
	seen := make([]bool, n)
	order := make([]int, n)
	for i, label := range labels {
		k := int(label[0] - 'A')
		if label[0] <= '9' {
			k = 0
			for _, d := range label {
				k = 10*k + int(d-'0')
			}
			k--
		}
		if k < 0 || k >= n || seen[k] {
			return nil, false
		}
		seen[k], order[i] = true, k
	}
	return order, true
}
