package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/lines"
	"github.com/seed6700ada1/infer/models/embedded"
	"github.com/seed6700ada1/infer/models/hub"
)

// defaultModel is the model that a command uses where none is named: one that comes with
// the program; "" where there is none.
func defaultModel(command string) string {
	name := map[string]string{
		"detect": "face-nano", "generate": "folk-music", "tune": "folk-music", "perplexity": "folk-music", "classify": "intent-mini",
		"embed": "sentence-mini", "similarity": "sentence-mini", "search": "sentence-mini",
	}[command]
	if _, ok := embedded.Named(name); !ok {
		return ""
	}
	return name
}

// localModel is the path of a model that a command is given: of one that is named by
// repository or URL, where the cache has it; of one that comes with the program, where
// there is no file of that name, unpacked.
func localModel(name string) (string, error) {
	if m, ok := embedded.Named(name); ok {
		if _, err := os.Stat(name); err != nil {
			return unpack(m)
		}
	}
	if !hub.IsRemote(name) {
		return name, nil
	}
	ref, err := hub.Parse(name)
	if err != nil {
		return "", err
	}
	path, err := hub.FromEnv(os.Getenv).Path(ref)
	if err != nil {
		return "", fmt.Errorf("%w: fetch it with infer models pull", err)
	}
	return path, nil
}

// unpack writes a model that comes with the program to where the user's programs keep what
// they can make again, or else to a folder for temporary files. What is there already is
// used if it is the same, byte for byte.
func unpack(m embedded.Model) (string, error) {
	cache, err := os.UserCacheDir()
	if err == nil {
		if dir, err := m.Unpack(filepath.Join(cache, "infer", "models")); err == nil {
			return dir, nil
		}
	}
	dir, err := os.MkdirTemp("", "infer-")
	if err != nil {
		return "", err
	}
	return m.Unpack(dir)
}

func newModels(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "Fetch published models, and manage those fetched",
		Long: `Models are named hf:owner/name[@revision][/file], or by the URL of a file, and kept in the
cache that Hugging Face's own programs use, under their names. Every command takes such a
name for --model once the model is there.

Environment: HF_HUB_CACHE or HF_HOME say where the cache is, HF_ENDPOINT names a mirror,
HF_TOKEN is sent for repositories that want one, HF_HUB_OFFLINE=1 keeps off the network.`,
		Example: `  infer models pull hf:sentence-transformers/all-MiniLM-L6-v2
  infer embed "a cat" --model hf:sentence-transformers/all-MiniLM-L6-v2`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usagef("there is no command %q (see infer models --help)%s", args[0], suggestion(cmd, args[0]))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelsPull(a), newModelsList(a), newModelsRemove(a), newModelsPath(a))
	return cmd
}

func newModelsPull(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "pull NAME...",
		Short: "Fetch models, and print their paths",
		Long: `Fetches the graph of each model, and the tokenizer and configuration beside it. What broke
off is taken up where it broke; what comes is compared with its checksum.`,
		Example: `  infer models pull hf:owner/name
  infer models pull hf:owner/name@v1.0/onnx/model_int8.onnx
  infer models pull https://example.org/model.onnx#sha256=...`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h := hub.FromEnv(os.Getenv)
			if isTerminal(a.Err) {
				h.Progress = a.bytesProgress()
			}
			for _, name := range args {
				ref, err := hub.Parse(name)
				if err != nil {
					return usagef("%v", err)
				}
				path, err := h.Pull(cmd.Context(), ref)
				if err != nil {
					return err
				}
				fmt.Fprintln(a.Out, path)
			}
			return nil
		},
	}
}

// bytesProgress shows how far a file is, in place.
func (a *app) bytesProgress() func(file string, done, total int64) {
	shown := int64(-1)
	return func(file string, done, total int64) {
		if mb := done >> 20; mb != shown || done == total {
			shown = mb
			a.printf("\r\x1b[K%s: %s of %s", file, megabytes(done), megabytes(total))
		}
		if done == total {
			a.printf("\n")
		}
	}
}

func megabytes(n int64) string {
	if n < 0 {
		return "?"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func newModelsList(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the models in the cache",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list, err := hub.FromEnv(os.Getenv).List()
			if err != nil {
				return err
			}
			for _, e := range list {
				if !asJSON {
					fmt.Fprintf(a.Out, "%s\t%s\t%v\n", e.Name, megabytes(e.Bytes), e.Revisions)
					continue
				}
				if err := lines.Print(a.Out, struct {
					Name      string   `json:"name"`
					Revisions []string `json:"revisions"`
					Bytes     int64    `json:"bytes"`
					Path      string   `json:"path"`
				}{e.Name, e.Revisions, e.Bytes, e.Path}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a model")
	return cmd
}

func newModelsRemove(*app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "rm NAME...",
		Short: "Remove models from the cache",
		Long: `Removes a revision of each model, the main one where none is named, and what of it no
other revision uses. With --all the whole repository goes.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			h := hub.FromEnv(os.Getenv)
			for _, name := range args {
				ref, err := hub.Parse(name)
				if err != nil {
					return usagef("%v", err)
				}
				if err := h.Remove(ref, all); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "remove every revision")
	return cmd
}

func newModelsPath(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "path NAME",
		Short: "Print where a model in the cache is",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := localModel(args[0])
			if err != nil {
				return err
			}
			if _, err := os.Stat(path); err != nil {
				return err
			}
			fmt.Fprintln(a.Out, path)
			return nil
		},
	}
}
