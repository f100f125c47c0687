package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/seed6700ada1/infer/runtime/ort"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	shared, llama string
	out           string
	match         string
	quick         bool
	threads       []int
	plan          schedule
}

func parseFlags(args []string, log io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&s.shared, "shared", "../shared", "folder with models/")
	flags.StringVar(&s.llama, "llama", "out/llama",
		"folder with 15m/ and 110m/, each made by make_random_llama.py DIR --size SIZE --ctx 2048; what is not there is left out")
	flags.StringVar(&s.out, "out", "", "page whose section of this CPU to replace; by default none")
	flags.StringVar(&s.match, "match", "", "only rows whose \"group: model\" holds this text; no page is written")
	threads := flags.String("threads", "1,2", "numbers of threads, separated by commas")
	flags.BoolVar(&s.quick, "quick", false, "few and short turns, to see that all works, not how fast it is; no page is written")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	for n := range strings.SplitSeq(*threads, ",") {
		count, err := strconv.Atoi(n)
		if err != nil || count < 1 {
			return nil, fmt.Errorf("-threads %s: %q is no number of threads", *threads, n)
		}
		s.threads = append(s.threads, count)
	}
	s.plan = schedule{warmup: 2, rounds: 20, turn: 100 * time.Millisecond, pause: 20 * time.Millisecond}
	if s.quick {
		s.plan = schedule{warmup: 1, rounds: 3, turn: 10 * time.Millisecond, pause: 20 * time.Millisecond}
	}
	return s, nil
}

func run(ctx context.Context, args []string, out, log io.Writer) error {
	s, err := parseFlags(args, log)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	rep := &report{host: readHost(), command: strings.Join(args, " "), plan: s.plan}
	// the project's engine knows how to find the library and start it; the binding keeps it
	if rep.version, err = ort.New().Version(); err != nil {
		return err
	}
	if err := s.measureAll(ctx, rep, log); err != nil {
		return err
	}
	if len(rep.results) == 0 {
		return fmt.Errorf("nothing was measured:\n%s", strings.Join(rep.leftOut, "\n"))
	}
	section := rep.section()
	if _, err := io.WriteString(out, section); err != nil {
		return err
	}
	if s.out == "" || s.match != "" || s.quick {
		return nil
	}
	page, err := os.ReadFile(s.out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(s.out, []byte(replaceSection(string(page), section)), 0o644)
}

// measureAll measures the rows that were asked for. One that fails is left out,
// with a line that says why.
func (s *settings) measureAll(ctx context.Context, rep *report, log io.Writer) error {
	for _, r := range allRows(s.shared, s.llama) {
		title := r.group + ": " + r.name
		if !strings.Contains(title, s.match) {
			continue
		}
		leave := func(reason string) {
			line := title + ": " + reason
			rep.leftOut = append(rep.leftOut, line)
			fmt.Fprintln(log, line)
		}
		if _, err := os.Stat(r.path); err != nil {
			leave("there is no " + filepath.Join(filepath.Base(filepath.Dir(r.path)), filepath.Base(r.path)))
			continue
		}
		for _, threads := range s.threads {
			res, err := measure(ctx, &r, threads, s.plan)
			debug.FreeOSMemory() // the next model finds the memory as this one did
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				leave(err.Error())
				break // more threads would not help
			}
			rep.results = append(rep.results, res)
			fmt.Fprintf(log, "%s: %d threads: %.3f ms, ONNX Runtime %.3f ms: %.2f\n", title, threads, res.native, res.ort, res.ratio())
		}
	}
	return nil
}
