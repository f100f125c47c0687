// Package suite reads evaluations that are written down as YAML: the items, the protocols,
// the judges, the limits and the gate.
//
//	name: answers
//	items: items.jsonl            # or .csv; relative to the suite
//	protocols:
//	  - kind: pairwise            # see package protocol
//	    ties: true
//	    repairs: 1
//	judges:
//	  - name: small
//	    openai: {base_url: "http://localhost:8000/v1", model: small, key_env: KEY}
//	  - name: kept
//	    recorded: answers.jsonl
//	panel: {quorum: 2}
//	run: {workers: 32, budget: {tokens: 1000000}}
//	gate: win_rate.lower > 0.5
package suite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judges"
	"github.com/seed6700ada1/infer/judge/openai"
	"github.com/seed6700ada1/infer/judge/protocol"
	"github.com/seed6700ada1/infer/judge/run"
)

// A Suite is an evaluation.
type Suite struct {
	Name      string             `yaml:"name"`
	Items     string             `yaml:"items"`
	Protocols []protocol.Options `yaml:"protocols"`
	Judges    []Judge            `yaml:"judges"`
	Panel     *protocol.Panel    `yaml:"panel"`
	Run       Limits             `yaml:"run"`
	Gate      string             `yaml:"gate"`

	base string // what paths are relative to
}

// A Judge says who judges: one of its fields beside the name.
type Judge struct {
	Name     string         `yaml:"name"`
	OpenAI   *openai.Config `yaml:"openai"`
	Recorded string         `yaml:"recorded"` // a file of recorded answers
	Human    bool           `yaml:"human"`    // a person at the terminal
	Local    *Local         `yaml:"local"`    // a language model in this process
	// Similarity is a sentence encoder in this process: the candidate nearer to the
	// item's reference is the better one.
	Similarity *Local `yaml:"similarity"`
}

// Local names a model that the program opens.
type Local struct {
	Model  string `yaml:"model"`
	Engine string `yaml:"engine"`
}

// Limits are the limits of a run, see [run.Options].
type Limits struct {
	Workers int           `yaml:"workers"`
	Timeout time.Duration `yaml:"timeout"`
	Rate    float64       `yaml:"rate"`
	Tries   int           `yaml:"tries"`
	Budget  struct {
		Tokens int     `yaml:"tokens"`
		Cost   float64 `yaml:"cost"`
	} `yaml:"budget"`
}

// Options returns the limits as a run takes them.
func (l *Limits) Options() run.Options {
	return run.Options{
		Workers: l.Workers, Timeout: l.Timeout, Rate: l.Rate,
		Retry: run.Retry{Tries: l.Tries}, Budget: run.Budget{Tokens: l.Budget.Tokens, Cost: l.Budget.Cost},
	}
}

// Load reads the suite at path. Paths in it are relative to base, or to the suite's
// folder where base is empty.
func Load(path, base string) (*Suite, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("suite: %w", err)
	}
	if base == "" {
		base = filepath.Dir(path)
	}
	s, err := Parse(data, base)
	if err != nil {
		return nil, fmt.Errorf("suite: %s: %w", path, err)
	}
	return s, nil
}

// Parse reads a suite. A field that it does not know is an error.
func Parse(data []byte, base string) (*Suite, error) {
	s := &Suite{base: base}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(s); err != nil {
		return nil, err
	}
	switch {
	case s.Items == "":
		return nil, errors.New("no items")
	case len(s.Protocols) == 0:
		return nil, errors.New("no protocols")
	case len(s.Judges) == 0:
		return nil, errors.New("no judges")
	}
	return s, nil
}

// Path returns a path of the suite as it is from here.
func (s *Suite) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.base, name)
}

// All yields the items; see [judge.ReadJSONL] and [judge.ReadCSV] for their form.
func (s *Suite) All() iter.Seq2[judge.Item, error] {
	return func(yield func(judge.Item, error) bool) {
		file, err := os.Open(s.Path(s.Items))
		if err != nil {
			yield(judge.Item{}, fmt.Errorf("suite: %w", err))
			return
		}
		defer file.Close()
		read := judge.ReadJSONL
		if strings.EqualFold(filepath.Ext(s.Items), ".csv") {
			read = judge.ReadCSV
		}
		for it, err := range read(file) {
			if err != nil {
				err = fmt.Errorf("suite: %s: %w", s.Items, err)
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// A Plan is a suite that is ready to run.
type Plan struct {
	Suite     *Suite
	Protocols []*protocol.Protocol
	Judges    []judge.Judge
	closers   []io.Closer
}

// Open makes protocols and judges. other makes those judges that this package cannot:
// people and models in this process; it may be nil where there are none.
func (s *Suite) Open(other func(Judge) (judge.Judge, error)) (*Plan, error) {
	p := &Plan{Suite: s}
	names := map[string]bool{}
	for _, o := range s.Protocols {
		made, err := protocol.New(o)
		if err != nil {
			return nil, fmt.Errorf("suite: %w", err)
		}
		if names[made.Name()] {
			return nil, fmt.Errorf("suite: two protocols are called %q: give them names", made.Name())
		}
		names[made.Name()] = true
		p.Protocols = append(p.Protocols, made)
	}
	clear(names)
	for _, spec := range s.Judges {
		j, err := p.judge(spec, other)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("suite: judge %q: %w", spec.Name, err), p.Close())
		}
		if names[j.Name()] || j.Name() == protocol.PanelName {
			return nil, errors.Join(fmt.Errorf("suite: the name %q of a judge is taken", j.Name()), p.Close())
		}
		names[j.Name()] = true
		p.Judges = append(p.Judges, j)
	}
	return p, nil
}

// judge makes a judge.
func (p *Plan) judge(spec Judge, other func(Judge) (judge.Judge, error)) (judge.Judge, error) {
	switch {
	case spec.OpenAI != nil:
		c := *spec.OpenAI
		if spec.Name != "" {
			c.Name = spec.Name
		}
		if c.KeyFile != "" {
			c.KeyFile = p.Suite.Path(c.KeyFile)
		}
		return openai.New(c, nil)
	case spec.Recorded != "":
		r, err := judges.OpenRecorded(spec.Name, p.Suite.Path(spec.Recorded))
		if err != nil {
			return nil, err
		}
		p.closers = append(p.closers, r)
		return r, nil
	case other == nil:
		return nil, errors.New("want one of openai, recorded, human, local or similarity")
	}
	return other(spec)
}

// Close closes what judges hold open.
func (p *Plan) Close() error {
	var err error
	for _, c := range p.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

// Jobs yields the jobs of a shard: item by item, under each protocol, by each judge.
func (p *Plan) Jobs(shard run.Shard) iter.Seq2[run.Job, error] {
	return func(yield func(run.Job, error) bool) {
		for it, err := range p.Suite.All() {
			if err != nil {
				yield(run.Job{}, err)
				return
			}
			if !shard.Has(it.ID) {
				continue
			}
			for _, pr := range p.Protocols {
				for _, j := range p.Judges {
					if !yield(run.Job{Item: &it, Protocol: pr, Judge: j}, nil) {
						return
					}
				}
			}
		}
	}
}
