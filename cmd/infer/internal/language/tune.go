package language

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/music"
)

// tuneFlags say which tune is wanted.
type tuneFlags struct {
	languageFlags
	opts  lm.Options
	title string
	tries int
	loose bool
}

// The name of the files of a tune, less their endings.
const tuneName = "tune"

func newTune(a *app) *cobra.Command {
	flags := tuneFlags{}
	cmd := &cobra.Command{
		Use:   "tune [FILE]",
		Short: "Write a tune, and make sound and a picture of it",
		Long: `Writes a tune in ABC notation with a language model that knows it, or reads one from FILE,
and puts into the folder --out what it is: tune.abc, tune.mid, tune.wav and tune.svg.

What the model writes is no tune each time: it is asked again, with the next seed, until it
has written one that can be read and whose bars are as long as its meter says; --loose takes
what can be read. How often it was asked is printed.`,
		Example: `  infer tune --seed 7 --out out/tune
  infer tune --title "The Gopher" --temperature 0.9 --out out/gopher
  infer tune old.abc --out out/old`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.out == "" {
				return command.Usagef("--out is missing: the folder for the files")
			}
			if flags.tries < 1 {
				return command.Usagef("--tries %d: expected 1 or more", flags.tries)
			}
			return a.tune(cmd.Context(), &flags, args)
		},
	}
	flags.modelFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&flags.out, "out", "", "folder for the files")
	f.StringVar(&flags.title, "title", "", "what the tune is called; the model chooses if it is not given")
	f.Float64Var(&flags.opts.Temperature, "temperature", 0.6, "how far from the likeliest character to go")
	f.Uint64Var(&flags.opts.Seed, "seed", 1, "seed of random choices")
	f.IntVar(&flags.opts.MaxTokens, "max-tokens", 1000, "characters of the longest tune")
	f.IntVar(&flags.tries, "tries", 50, "how often the model is asked")
	f.BoolVar(&flags.loose, "loose", false, "take bars of any length")
	return cmd
}

// tune reads or writes a tune and its files.
func (a *app) tune(ctx context.Context, flags *tuneFlags, args []string) error {
	var (
		abc  string
		t    *music.Tune
		asks int
		err  error
	)
	if len(args) > 0 {
		if abc, err = a.readText(args[0]); err == nil {
			t, err = music.Parse(abc)
		}
	} else {
		abc, t, asks, err = a.compose(ctx, flags)
	}
	if err != nil {
		return err
	}
	files, err := writeTune(flags.out, abc, t)
	if err != nil {
		return err
	}
	if flags.asJSON {
		return lines.Print(a.Out, struct {
			Title   string   `json:"title"`
			Key     string   `json:"key"`
			Seconds float64  `json:"seconds"`
			Bars    int      `json:"bars"`
			Asked   int      `json:"asked"`
			ABC     string   `json:"abc"`
			Files   []string `json:"files"`
		}{t.Title, t.Key, t.Seconds(), len(t.Bars), asks, abc, files})
	}
	if asks > 0 {
		a.printf("%s in %s, %.0f s, the model was asked %d times\n", t.Title, t.Key, t.Seconds(), asks)
	}
	_, err = fmt.Fprintln(a.Out, strings.Join(files, "\n"))
	return err
}

// compose asks the model until it has written a tune.
func (a *app) compose(ctx context.Context, flags *tuneFlags) (abc string, t *music.Tune, asks int, err error) {
	m, s, err := a.openLM(ctx, &flags.languageFlags)
	if err != nil {
		return "", nil, 0, err
	}
	defer func() { err = errors.Join(err, m.Close(), s.Close()) }()
	prompt := "X:1\nT:"
	if flags.title != "" {
		prompt += flags.title + "\n"
	}
	var fault error
	for asks = 1; asks <= flags.tries; asks++ {
		r, err := m.Generate(ctx, prompt, flags.opts)
		if err != nil {
			return "", nil, asks, err
		}
		flags.opts.Seed++
		abc = prompt + r.Text
		t, fault = music.Parse(abc)
		if fault == nil && !flags.loose {
			fault = t.Check()
		}
		if fault == nil {
			return abc, t, asks, nil
		}
	}
	return "", nil, flags.tries, fmt.Errorf("the model wrote no tune in %d tries; of the last one: %w", flags.tries, fault)
}

// writeTune writes a tune in all forms, and returns the files.
func writeTune(dir, abc string, t *music.Tune) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var files []string
	for _, f := range []struct {
		ending string
		write  func(io.Writer) error
	}{
		{".abc", func(w io.Writer) error {
			_, err := io.WriteString(w, strings.TrimRight(abc, "\n")+"\n")
			return err
		}},
		{".mid", t.WriteMIDI},
		{".wav", t.WriteWAV},
		{".svg", t.WriteSVG},
	} {
		path := filepath.Join(dir, tuneName+f.ending)
		if err := atomicfile.Write(path, f.write); err != nil {
			return nil, err
		}
		files = append(files, path)
	}
	return files, nil
}
