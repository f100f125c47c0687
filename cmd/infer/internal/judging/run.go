package judging

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/internal/journal"
	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judges"
	"github.com/seed6700ada1/infer/judge/local"
	"github.com/seed6700ada1/infer/judge/report"
	"github.com/seed6700ada1/infer/judge/run"
	"github.com/seed6700ada1/infer/judge/suite"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/runtime"
)

// The files of a run's folder.
const (
	journalFile  = "journal.jsonl"  // answers, as they came
	verdictsFile = "verdicts.jsonl" // a line a verdict, in the order of the items
	suiteFile    = "suite.yaml"     // as it was
	runFile      = "run.json"       // where the suite was
)

// tidy is how much garbage, in percent of what is alive, a run may have: what is alive are
// places of answers, which grow with the run, and there should be little beside them.
const tidy = 40

// judging is a run of a suite into a folder.
type judging struct {
	app      *App
	dir      string
	baseline string
	gate     string
	asJSON   bool
	shard    string
	options  run.Options
	models   []io.Closer // of judges in this process
}

func newRun(a *App) *cobra.Command {
	j := judging{app: a}
	cmd := &cobra.Command{
		Use:   "run SUITE",
		Short: "Run a suite past its judges",
		Long: `Runs the items of a suite, a YAML file, past its judges into a folder: a journal of
answers, verdicts, and reports as JSON, Markdown, HTML and JUnit XML. A run that was
stopped, in any way, goes on where it was when it is started again: nothing is asked
twice. The exit code is 1 where the gate does not hold.`,
		Example: `  infer judge run suite.yaml --out runs/one
  infer judge run suite.yaml --out runs/two --baseline runs/one --gate 'win_rate.lower > 0.5'
  infer judge run suite.yaml --out runs/part2 --shard 2/4`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if j.dir == "" {
				return a.Usage("--out is missing: name a folder for the run")
			}
			return j.start(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&j.dir, "out", "", "folder of the run")
	f.StringVar(&j.shard, "shard", "", "part of the items, as in 2/4; judge merge puts parts together")
	f.IntVar(&j.options.Workers, "workers", 0, "requests at a time; 0 for the suite's number")
	j.reportFlags(cmd)
	return cmd
}

// reportFlags are the flags of commands that end in a report.
func (j *judging) reportFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&j.gate, "gate", "", "what must hold, as in 'win_rate.lower > 0.5'; empty for the suite's")
	cmd.Flags().StringVar(&j.baseline, "baseline", "", "folder of an earlier run to compare with")
	cmd.Flags().BoolVar(&j.asJSON, "json", false, "print the report as an object")
}

func newReport(a *App) *cobra.Command {
	j := judging{app: a}
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Read the answers of a run again and report",
		Long: `Reads every answer in the journal of a run's folder again and writes verdicts and
reports anew. Nobody is asked: what the journal does not hold is not judged.`,
		Example: `  infer judge report runs/one
  infer judge report runs/one --gate 'unscored_rate < 0.01' --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			j.dir = args[0]
			j.options.Offline = true
			return j.again(cmd.Context())
		},
	}
	j.reportFlags(cmd)
	return cmd
}

// place is the content of runFile.
type place struct {
	Base string `json:"base"` // folder that the suite's paths are relative to
}

// start makes the folder and runs the suite at path into it.
func (j *judging) start(ctx context.Context, path string) error {
	s, err := suite.Load(path, "")
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	base, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	where, err := json.Marshal(place{base})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(j.dir, suiteFile), data); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(j.dir, runFile), append(where, '\n')); err != nil {
		return err
	}
	limits := s.Run.Options()
	if j.options.Workers == 0 {
		j.options.Workers = limits.Workers
	}
	j.options.Timeout, j.options.Rate, j.options.Retry, j.options.Budget = limits.Timeout, limits.Rate, limits.Retry, limits.Budget
	return j.judge(ctx, s)
}

// again reports on the folder.
func (j *judging) again(ctx context.Context) error {
	data, err := os.ReadFile(filepath.Join(j.dir, runFile))
	if err != nil {
		return err
	}
	var where place
	if err := json.Unmarshal(data, &where); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(j.dir, runFile), err)
	}
	s, err := suite.Load(filepath.Join(j.dir, suiteFile), where.Base)
	if err != nil {
		return err
	}
	return j.judge(ctx, s)
}

// judge runs the suite, writes verdicts and reports, and checks the gate.
func (j *judging) judge(ctx context.Context, s *suite.Suite) (err error) {
	gate, shard, err := j.parse(s)
	if err != nil {
		return err
	}
	debug.SetGCPercent(tidy)
	plan, err := s.Open(func(spec suite.Judge) (judge.Judge, error) { return j.other(ctx, s, spec) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plan.Close(), j.closeModels()) }()
	kept, err := journal.Open(filepath.Join(j.dir, journalFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()

	collector := report.NewCollector(s.Name, s.Panel)
	var status run.Status
	runErr := atomicfile.Write(filepath.Join(j.dir, verdictsFile), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		j.options.Progress = j.progress()
		var err error
		status, err = run.New(kept, j.options).Run(ctx, plan.Jobs(shard), func(r run.Result) error {
			collector.Add(r)
			return enc.Encode(report.LineOf(r))
		})
		if errors.Is(err, run.ErrBudget) {
			j.app.printf("infer: %v: what was judged until then is reported\n", err)
			return nil
		}
		return err
	})
	if runErr != nil {
		return runErr
	}
	r := collector.Report(status, gate)
	if err := j.write(&r); err != nil {
		return err
	}
	if j.baseline != "" {
		if err := compareRuns(j.app, j.baseline, j.dir, false); err != nil {
			return err
		}
	}
	if !r.Passed() {
		return fmt.Errorf("the gate does not hold: see %s", filepath.Join(j.dir, "report.md"))
	}
	return nil
}

// parse reads gate and shard.
func (j *judging) parse(s *suite.Suite) (report.Gate, run.Shard, error) {
	text := j.gate
	if text == "" {
		text = s.Gate
	}
	gate, err := report.ParseGate(text)
	if err != nil {
		return nil, run.Shard{}, j.app.Usage("%v", err)
	}
	var shard run.Shard
	if j.shard != "" {
		if n, err := fmt.Sscanf(j.shard, "%d/%d", &shard.I, &shard.N); n != 2 || err != nil || shard.I < 1 || shard.I > shard.N {
			return nil, run.Shard{}, j.app.Usage("--shard %q: want I/N with 1 ≤ I ≤ N", j.shard)
		}
	}
	return gate, shard, nil
}

// progress returns what shows how far the run is, on a terminal.
func (j *judging) progress() func(run.Status) {
	if !j.app.Terminal {
		return nil
	}
	return func(s run.Status) {
		j.app.printf("\r%d judged, %d asked, %d replayed, %d failed, %d tokens, cost %.4f ",
			s.Done, s.Asked, s.Replayed, s.Failed, s.Usage.Prompt+s.Usage.Completion, s.Usage.Cost)
	}
}

// other makes the judges that the suite cannot make itself.
func (j *judging) other(ctx context.Context, s *suite.Suite, spec suite.Judge) (judge.Judge, error) {
	switch {
	case spec.Human:
		return &judges.Human{ID: spec.Name, In: bufio.NewReader(j.app.In), Out: j.app.Err}, nil
	case spec.Local != nil && spec.Name != "":
		return j.local(ctx, s, spec)
	case spec.Similarity != nil && spec.Name != "":
		return j.similarity(ctx, s, spec)
	}
	return nil, errors.New("want a name, and one of openai, recorded, human, local or similarity")
}

// encoder is a sentence encoder as judges take it.
type encoder struct{ *text.Embedder }

// Embed gives the vectors alone.
func (e encoder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	found, err := e.Embedder.Embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(found))
	for i, x := range found {
		vectors[i] = x.Vector
	}
	return vectors, nil
}

// similarity opens a sentence encoder in this process.
func (j *judging) similarity(ctx context.Context, s *suite.Suite, spec suite.Judge) (judge.Judge, error) {
	session, path, engine, err := j.open(ctx, s, spec.Similarity)
	if err != nil {
		return nil, err
	}
	m, err := text.Open(session, path)
	if err != nil {
		return nil, err
	}
	e, err := text.NewEmbedder(m, text.EmbedOptions{Truncate: true})
	if err != nil {
		return nil, err
	}
	return judges.Similarity(spec.Name, spec.Similarity.Model+" on "+engine, encoder{e}), nil
}

// open opens the model of a judge: a file beside the suite, or one that comes with the
// program.
func (j *judging) open(ctx context.Context, s *suite.Suite, spec *suite.Local) (session runtime.Session, path, engine string, err error) {
	path, engine = s.Path(spec.Model), cmp.Or(spec.Engine, "native")
	if _, err := os.Stat(path); err != nil {
		if path, err = j.app.Local(spec.Model); err != nil {
			return nil, "", "", err
		}
	}
	if session, err = j.app.Open(ctx, path, engine); err != nil {
		return nil, "", "", err
	}
	j.models = append(j.models, session)
	return session, path, engine, nil
}

// local opens a language model in this process.
func (j *judging) local(ctx context.Context, s *suite.Suite, spec suite.Judge) (judge.Judge, error) {
	session, path, engine, err := j.open(ctx, s, spec.Local)
	if err != nil {
		return nil, err
	}
	m, err := lm.Open(session, path)
	if err != nil {
		return nil, err
	}
	return judges.Local{ID: spec.Name, Version: path + " on " + engine, Model: local.New(m)}, nil
}

// closeModels closes the models that the suite's judges are.
func (j *judging) closeModels() error {
	var err error
	for _, m := range j.models {
		err = errors.Join(err, m.Close())
	}
	j.models = nil
	return err
}

// write writes the report in all its forms.
func (j *judging) write(r *report.Report) error {
	for name, f := range map[string]func(io.Writer) error{
		"report.json": func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			return enc.Encode(r)
		},
		"report.md": r.WriteMarkdown, "report.html": r.WriteHTML, "junit.xml": r.WriteJUnit,
	} {
		if err := atomicfile.Write(filepath.Join(j.dir, name), f); err != nil {
			return err
		}
	}
	if j.asJSON {
		return json.NewEncoder(j.app.Out).Encode(r)
	}
	return r.WriteMarkdown(j.app.Err)
}
