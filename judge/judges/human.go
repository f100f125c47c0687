package judges

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/verdict"
)

// Human is a person at a terminal. It is shown what a judge needs and no more: neither
// the names of the systems nor what others said. Questions come one at a time.
type Human struct {
	ID  string // who it is, for reports
	In  *bufio.Reader
	Out io.Writer

	mu    sync.Mutex
	lines chan string // what was read and not yet taken; closed at the end of the input
}

// errLeft is the error of a person who has stopped answering: it ends the run.
var errLeft = errors.New("judges: the input ended before the answers did")

// Name returns the name.
func (h *Human) Name() string { return h.ID }

// Identity returns that this is a person.
func (h *Human) Identity() string { return "human" }

// Ask shows the question and reads a line, until it can be read as an answer. "skip"
// abstains.
func (h *Human) Ask(ctx context.Context, req *judge.Request) (judge.Answer, error) {
	q := req.Question
	if q == nil {
		return judge.Answer{Text: "-"}, nil // it needs no preparation
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.show(q); err != nil {
		return judge.Answer{}, err
	}
	out := map[string]any{}
	for _, name := range criteria(q) {
		for {
			if _, err := fmt.Fprintf(h.Out, "%s > ", wanted(q, name)); err != nil {
				return judge.Answer{}, err
			}
			line, err := h.line(ctx)
			if err != nil {
				return judge.Answer{}, err
			}
			field, value, ok := understood(q, name, strings.TrimSpace(line))
			if ok {
				out[field] = value
				break
			}
		}
	}
	text, err := json.Marshal(out)
	return judge.Answer{Text: string(text), Finish: "stop"}, err
}

// line returns the next line of the input, or the end of the context: a person may be
// gone, and reading cannot be stopped.
func (h *Human) line(ctx context.Context) (string, error) {
	if h.lines == nil {
		h.lines = make(chan string)
		go func() {
			defer close(h.lines)
			for {
				line, err := h.In.ReadString('\n')
				if line != "" {
					h.lines <- line
				}
				if err != nil {
					return
				}
			}
		}()
	}
	select {
	case line, ok := <-h.lines:
		if !ok {
			return "", errLeft
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// show writes the item.
func (h *Human) show(q *judge.Question) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n──── task ────\n%s\n", printable(q.Item.Input))
	if q.Item.Reference != "" {
		fmt.Fprintf(&b, "──── a good answer ────\n%s\n", printable(q.Item.Reference))
	}
	for i, c := range q.Order {
		fmt.Fprintf(&b, "──── answer %c ────\n%s\n", 'A'+i, printable(q.Item.Candidates[c].Text))
	}
	_, err := io.WriteString(h.Out, b.String())
	return err
}

// printable returns text without the control characters with which it could draw over the
// terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '�'
		}
		return r
	}, text)
}

// wanted says what can be answered.
func wanted(q *judge.Question, criterion string) string {
	switch {
	case q.Kind == judge.Pairwise && q.Ties:
		return "a, b, tie or skip"
	case q.Kind == judge.Pairwise:
		return "a, b or skip"
	case q.Kind == judge.Listwise:
		return "an order such as B > A > C, or skip"
	case criterion == "":
		return fmt.Sprintf("%g to %g, or skip", q.Scale[0], q.Scale[1])
	}
	return fmt.Sprintf("%s, %g to %g, or skip", criterion, q.Scale[0], q.Scale[1])
}

// understood returns the field and value of an answer's object, and whether the line is
// an answer.
func understood(q *judge.Question, criterion, line string) (field string, value any, ok bool) {
	word := strings.ToLower(line)
	skip := word == "skip"
	switch q.Kind {
	case judge.Pairwise:
		switch {
		case skip:
			return "winner", nil, true
		case word == "a" || word == "b" || word == "tie" && q.Ties:
			return "winner", strings.ToUpper(word), true
		}
		return "", nil, false
	case judge.Listwise:
		order, read := verdict.Ranking(len(q.Order))(strings.ToUpper(line)).Value()
		for i := range order {
			order[i]++
		}
		return "ranking", order, read || skip
	default: // a score
	}
	field = "score"
	if criterion != "" {
		field = criterion
	}
	v, err := strconv.ParseFloat(line, 64)
	if skip {
		return field, nil, true
	}
	return field, v, err == nil && v >= q.Scale[0] && v <= q.Scale[1]
}
