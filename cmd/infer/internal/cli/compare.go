package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/runtime"
)

func newCompare(a *app) *cobra.Command {
	var (
		model, embedder, engine string
		threads                 int
		threshold               float64
		asJSON                  bool
	)
	cmd := &cobra.Command{
		Use:   "compare A.jpg B.jpg",
		Short: "Say whether two pictures show the same person",
		Long: `Finds the best face in each of two pictures, aligns both by eyes, nose and mouth, and
compares their embeddings: 1 is the same direction, 0 nothing in common. The detector
must be one with five landmarks.`,
		Example: `  infer compare a.jpg b.jpg --model retinaface_mbnet0.25.onnx --embedder mobilefacenet.onnx`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if model == "" || embedder == "" {
				return usagef("--model and --embedder are both needed: a face detector and a face embedding model")
			}
			ctx := cmd.Context()
			opts := runtime.Options{Threads: threads}
			s, err := a.openSession(ctx, model, engine, opts)
			if err != nil {
				return err
			}
			defer s.Close()
			d, err := face.Open(ctx, s, face.Options{})
			if err != nil {
				return fmt.Errorf("%s: %w", model, err)
			}
			es, err := a.openSession(ctx, embedder, engine, opts)
			if err != nil {
				return err
			}
			defer es.Close()
			e, err := face.OpenEmbedder(es)
			if err != nil {
				return fmt.Errorf("%s: %w", embedder, err)
			}
			var vectors [2][]float32
			for i, file := range args {
				if vectors[i], err = a.embed(ctx, file, d, e); err != nil {
					return err
				}
			}
			return a.printSimilarity(args, face.Cosine(vectors[0], vectors[1]), threshold, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "face detector, a model file or folder")
	f.StringVar(&embedder, "embedder", "", "face embedding model, a file or folder")
	engineFlag(cmd, &engine)
	threadsFlag(cmd, &threads)
	f.Float64Var(&threshold, "threshold", face.SamePerson, "similarity from which two faces count as the same person's")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// embed finds the best face of a picture and returns its vector.
func (a *app) embed(ctx context.Context, file string, d *face.Detector, e *face.Embedder) ([]float32, error) {
	p, err := openPicture(file, a.In)
	if err != nil {
		return nil, err
	}
	faces, err := d.Detect(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(faces) == 0 {
		return nil, fmt.Errorf("%s: no face was found", file)
	}
	v, err := e.Embed(ctx, p, faces[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return v, nil
}

func (a *app) printSimilarity(files []string, similarity, threshold float64, asJSON bool) error {
	same := similarity >= threshold
	if asJSON {
		return json.NewEncoder(a.Out).Encode(struct {
			Files      []string `json:"files"`
			Similarity float64  `json:"similarity"`
			Same       bool     `json:"same"`
		}{files, similarity, same})
	}
	verdict := "different people"
	if same {
		verdict = "the same person"
	}
	a.printf("similarity %.4f: %s (threshold %.2f)\n", similarity, verdict, threshold)
	return nil
}
