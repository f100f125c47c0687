package replay

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/judge"
)

// item is an element of a recorded run: what is needed of it.
type item struct {
	Label   int               `json:"label"`
	Results []json.RawMessage `json:"results"`
}

// label returns the outcome that people hold right.
func (it *item) label() (judge.Choice, error) {
	switch it.Label {
	case 1:
		return judge.First, nil
	case 2:
		return judge.Second, nil
	}
	return judge.Tie, fmt.Errorf("label %d: want 1 or 2", it.Label)
}

// verdicts is a step of a recorded run that holds verdicts.
type verdicts struct {
	Given   *order `json:"swap = False"`
	Swapped *order `json:"swap = True"`
}

// order is the verdict on the candidates in one order.
type order struct {
	Completion json.RawMessage `json:"completion"` // [text, reason of its end], or a text
	Winner     any             `json:"winner"`     // "1" or "2", whatever the order; null
}

// orders returns the verdicts of the last step that has both.
func (it *item) orders() ([2]*order, error) {
	for i := len(it.Results) - 1; i >= 0; i-- {
		var v verdicts
		if len(it.Results[i]) == 0 || it.Results[i][0] != '{' {
			continue
		}
		if err := json.Unmarshal(it.Results[i], &v); err != nil {
			return [2]*order{}, fmt.Errorf("result %d: %w", i, err)
		}
		if v.Given != nil && v.Swapped != nil {
			return [2]*order{v.Given, v.Swapped}, nil
		}
	}
	return [2]*order{}, errors.New(`no result with "swap = False" and "swap = True"`)
}

// recorded returns the verdict that the recording holds.
func (o *order) recorded() (judge.Reading[judge.Choice], error) {
	switch fmt.Sprint(o.Winner) {
	case "1":
		return judge.Read(judge.First), nil
	case "2":
		return judge.Read(judge.Second), nil
	case "0", "tie":
		return judge.Read(judge.Tie), nil
	case "<nil>", "None", "":
		return judge.Unscored[judge.Choice](judge.NoVerdict, "recorded without a winner"), nil
	}
	return judge.Reading[judge.Choice]{}, fmt.Errorf("winner %v: want 1, 2 or null", o.Winner)
}

// text returns the completion, and whether one was recorded.
func (o *order) text() (string, bool) {
	var text string
	if json.Unmarshal(o.Completion, &text) == nil && len(o.Completion) > 0 {
		return text, string(o.Completion) != "null"
	}
	var list []json.RawMessage
	if json.Unmarshal(o.Completion, &list) != nil || len(list) == 0 {
		return "", false
	}
	return text, json.Unmarshal(list[0], &text) == nil
}
