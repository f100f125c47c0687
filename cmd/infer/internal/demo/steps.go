package demo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"strings"

	"github.com/seed6700ada1/infer/internal/atomicfile"
)

// faces finds the faces of the picture that the program brings along.
func (d *demo) faces(ctx context.Context) error {
	if d.app.Picture == nil {
		d.note("left out: this build brings no picture along; try infer detect PICTURE --draw out/faces")
		return nil
	}
	if err := atomicfile.WriteBytes(d.path(d.app.PictureName), d.app.Picture); err != nil {
		return err
	}
	out, err := d.command(ctx, "detect", d.path(d.app.PictureName), "--draw", d.path("faces"), "--json")
	if err != nil {
		return err
	}
	var found struct {
		Faces []json.RawMessage `json:"faces"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return err
	}
	d.note("faces found: %d", len(found.Faces))
	name, _, _ := strings.Cut(d.app.PictureName, ".")
	d.step().Picture, err = inline(d.path("faces", name+".png"), "image/png")
	return err
}

// inline is a file as an address that holds all of it.
func inline(path, mime string) (template.URL, error) {
	data, err := os.ReadFile(path)
	return template.URL("data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data)), err
}

// tune writes a tune.
func (d *demo) tune(ctx context.Context) error {
	out, err := d.command(ctx, "tune", "--seed", "60", "--out", d.path("tune"), "--json")
	if err != nil {
		return err
	}
	var t struct {
		Title   string  `json:"title"`
		Key     string  `json:"key"`
		Seconds float64 `json:"seconds"`
		Asked   int     `json:"asked"`
		ABC     string  `json:"abc"`
	}
	if err := json.Unmarshal(out, &t); err != nil {
		return err
	}
	d.note("“%s” in %s, %.0f seconds; the model was asked %d times", t.Title, t.Key, t.Seconds, t.Asked)
	s := d.step()
	s.Text = t.ABC
	drawing, err := os.ReadFile(d.path("tune", "tune.svg"))
	if err != nil {
		return err
	}
	s.Drawings = append(s.Drawings, template.HTML(drawing))
	s.Sound, err = inline(d.path("tune", "tune.wav"), "audio/wav")
	return err
}

// example is a question of a kind.
type example struct{ kind, text string }

// read reads tab-separated lines.
func read(data []byte) []example {
	var list []example
	for line := range strings.Lines(string(data)) {
		kind, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		list = append(list, example{kind, text})
	}
	return list
}

// How many questions of each kind are learnt from, and choose the best epoch; the rest
// tests.
const (
	learnt = 12
	chosen = 3
)

// split parts the questions of each kind.
func split(all []example) (train, val, test []example) {
	seen := map[string]int{}
	for _, e := range all {
		switch n := seen[e.kind]; {
		case n < learnt:
			train = append(train, e)
		case n < learnt+chosen:
			val = append(val, e)
		default:
			test = append(test, e)
		}
		seen[e.kind]++
	}
	return train, val, test
}

// writeSet writes examples as the trainer reads them.
func (d *demo) writeSet(name string, list []example) error {
	var b bytes.Buffer
	b.WriteString("text\tlabel\n")
	for _, e := range list {
		fmt.Fprintf(&b, "%s\t%s\n", e.text, e.kind)
	}
	return atomicfile.WriteBytes(d.path(name), b.Bytes())
}

// writeLines writes the texts alone.
func (d *demo) writeLines(name string, list []example) error {
	var b bytes.Buffer
	for _, e := range list {
		fmt.Fprintln(&b, e.text)
	}
	return atomicfile.WriteBytes(d.path(name), b.Bytes())
}

// base answers each question with the reply that is nearest to it in meaning.
func (d *demo) base(ctx context.Context) error {
	_, _, test := split(read(questions))
	answers := read(replies)
	if err := d.writeLines("questions.txt", test); err != nil {
		return err
	}
	if err := d.writeLines("replies.txt", answers); err != nil {
		return err
	}
	out, err := d.command(ctx, "search", "--queries", d.path("questions.txt"), "--file", d.path("replies.txt"), "--top", "1", "--json")
	if err != nil {
		return err
	}
	right := 0
	for _, e := range test {
		d.report.items = append(d.report.items, item{question: e.text, kind: e.kind, right: replyOf(answers, e.kind)})
	}
	i := 0
	err = eachLine(out, func(hit struct {
		Line int `json:"line"`
	},
	) {
		d.report.items[i].base = answers[hit.Line-1].text
		if answers[hit.Line-1].kind == test[i].kind {
			right++
		}
		i++
	})
	if err == nil && i != len(test) {
		err = fmt.Errorf("%d answers to %d questions", i, len(test))
	}
	d.note("questions to a shop for instruments, of %d kinds that the models never saw; the reply nearest in meaning is right for %d of %d", len(answers), right, len(test))
	return err
}

func replyOf(answers []example, kind string) string {
	for _, a := range answers {
		if a.kind == kind {
			return a.text
		}
	}
	return ""
}

// eachLine reads an object a line.
func eachLine[T any](data []byte, take func(T)) error {
	for line := range bytes.Lines(data) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return err
		}
		take(v)
	}
	return nil
}

// finetune trains the last layer on the kinds of questions, and answers with it.
func (d *demo) finetune(ctx context.Context) error {
	train, val, test := split(read(questions))
	for name, list := range map[string][]example{"train.tsv": train, "val.tsv": val, "test.tsv": test} {
		if err := d.writeSet(name, list); err != nil {
			return err
		}
	}
	if err := d.fresh("tuned"); err != nil {
		return err
	}
	out, err := d.command(ctx, "finetune", "--task", "classify", "--model", "sentence-mini", "--data", d.path("train.tsv"),
		"--val", d.path("val.tsv"), "--test", d.path("test.tsv"), "--rate", "0.03", "--out", d.path("tuned"), "--json")
	if err != nil {
		return err
	}
	var run struct {
		Trainable int                `json:"trainable"`
		Total     int                `json:"total"`
		Test      map[string]float64 `json:"test"`
	}
	if err := json.Unmarshal(out, &run); err != nil {
		return err
	}
	d.note("learnt from %d questions: %d of %d numbers trained; right for %.1f %% of %d others (95 %% from %.1f to %.1f)", len(train),
		run.Trainable, run.Total, 100*run.Test["accuracy"], len(test), 100*run.Test["accuracy_low"], 100*run.Test["accuracy_high"])
	if err := d.curves(); err != nil {
		return err
	}
	out, err = d.command(ctx, "classify", "--model", d.path("tuned"), "--file", d.path("questions.txt"), "--json")
	if err != nil {
		return err
	}
	answers, i := read(replies), 0
	return eachLine(out, func(x struct {
		Label string `json:"label"`
	},
	) {
		if i < len(d.report.items) {
			d.report.items[i].tuned = replyOf(answers, x.Label)
		}
		i++
	})
}

// curves draws how the training went.
func (d *demo) curves() error {
	data, err := os.ReadFile(d.path("tuned", "metrics.jsonl"))
	if err != nil {
		return err
	}
	loss, accuracy := curve{Name: "loss on what is learnt"}, curve{Name: "accuracy on what chooses the epoch"}
	err = eachLine(data, func(r struct {
		Loss float64            `json:"loss"`
		Val  map[string]float64 `json:"val"`
	},
	) {
		loss.Values = append(loss.Values, r.Loss)
		accuracy.Values = append(accuracy.Values, r.Val["accuracy"])
	})
	d.step().Drawings = append(d.step().Drawings, loss.draw(), accuracy.draw())
	return err
}

// suite is the evaluation: of the two replies the one that is nearer in meaning to the right
// one is the better, seen in both orders.
const suite = `name: tuned against base
items: items.jsonl
protocols:
  - kind: pairwise
    ties: true
judges:
  - name: sentence-mini
    similarity: {model: sentence-mini}
gate: win_rate.lower > 0.5
`

// judge lets a judge compare the replies.
func (d *demo) judge(ctx context.Context) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for i, it := range d.report.items {
		err := enc.Encode(map[string]any{
			"id": fmt.Sprintf("q%d", i+1), "input": it.question, "reference": it.right, "metadata": map[string]string{"kind": it.kind},
			"candidates": []map[string]string{{"name": "tuned", "text": it.tuned}, {"name": "base", "text": it.base}},
		})
		if err != nil {
			return err
		}
	}
	if err := atomicfile.WriteBytes(d.path("items.jsonl"), b.Bytes()); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(d.path("suite.yaml"), []byte(suite)); err != nil {
		return err
	}
	if err := d.fresh("judged"); err != nil {
		return err
	}
	out, failed := d.command(ctx, "judge", "run", d.path("suite.yaml"), "--out", d.path("judged"), "--json")
	var r struct {
		Groups []struct {
			Metrics map[string]float64 `json:"metrics"`
		} `json:"groups"`
	}
	if err := json.Unmarshal(out, &r); err != nil || len(r.Groups) == 0 {
		return fmt.Errorf("the judge's report cannot be read: %w", errors.Join(err, failed))
	}
	m := r.Groups[0].Metrics
	d.report.Rate = rate{m["win_rate"], m["win_rate.lower"], m["win_rate.upper"]}
	// the gate's own exit code says who wins; another failure leaves no interval
	d.report.Won = failed == nil
	d.note("the tuned model wins %.1f %% of the comparisons, ties counted half (95 %% from %.1f to %.1f)", 100*d.report.Rate.Value, 100*d.report.Rate.Lower, 100*d.report.Rate.Upper)
	d.step().Drawings = append(d.step().Drawings, d.report.Rate.draw())
	return nil
}

// promote keeps the better of the two.
func (d *demo) promote(context.Context) error {
	if err := d.fresh("promoted"); err != nil {
		return err
	}
	if !d.report.Won {
		d.note("the interval reaches a half: nothing is promoted, and what was there stays")
		return nil
	}
	if err := os.CopyFS(d.path("promoted"), os.DirFS(d.path("tuned"))); err != nil {
		return err
	}
	line := fmt.Sprintf("cp -r %s %s", d.path("tuned"), d.path("promoted"))
	d.printf("   $ %s\n", line)
	d.step().Commands = append(d.step().Commands, line)
	d.note("the tuned model, since the whole interval is above a half; use it as infer classify --model %s", d.path("promoted"))
	return nil
}
