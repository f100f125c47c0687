package faceeval

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/runtime"
)

// lowScore is the least score of the faces that average precision looks at: low
// enough for the whole curve.
const lowScore = 0.05

// Suite is the pictures that detectors are measured on.
type Suite struct {
	HandMade []Labels // few pictures with boxes made by hand: recall
	Scenes   []Labels // many with boxes made by machine: average precision
}

// Row is what one detector reached.
type Row struct {
	Model, Family  string
	Input          string  // width×height, or "any"
	Score          float64 // its default threshold
	Hit35, Hit50   int     // labelled faces of HandMade met at an IoU of 0.35 and 0.5
	Labelled       int     // of so many
	AP             float64 // on Scenes at an IoU of 0.5
	Precision      float64 // on Scenes at the default threshold
	RecallOnScenes float64
}

// Measure runs a detector on a suite, workers pictures at a time.
func Measure(ctx context.Context, model string, s runtime.Session, suite Suite, workers int) (Row, error) {
	d, err := face.Open(ctx, s, face.Options{})
	if err != nil {
		return Row{}, err
	}
	low, err := face.Open(ctx, s, face.Options{Score: lowScore})
	if err != nil {
		return Row{}, err
	}
	row := Row{Model: model, Family: d.Family(), Input: "any", Score: d.Options().Score}
	if w, h := d.InputSize(); w > 0 && h > 0 {
		row.Input = fmt.Sprintf("%d×%d", w, h)
	}
	hand, err := Detect(ctx, d, suite.HandMade, workers)
	if err != nil {
		return Row{}, err
	}
	row.Hit35, row.Labelled = Recall(suite.HandMade, hand, 0.35)
	row.Hit50, _ = Recall(suite.HandMade, hand, 0.5)
	scenes, err := Detect(ctx, low, suite.Scenes, workers)
	if err != nil {
		return Row{}, err
	}
	o := Options{IoU: 0.5}
	row.AP = AveragePrecision(suite.Scenes, scenes, o)
	row.Precision, row.RecallOnScenes = PrecisionRecall(suite.Scenes, scenes, o, row.Score)
	return row, nil
}

// WritePage writes rows as a page in Markdown. It ends with about, a paragraph
// on the pictures.
func WritePage(w io.Writer, rows []Row, suite Suite, about string) error {
	faces, ignored := 0, 0
	for _, l := range suite.Scenes {
		faces += len(l.Faces)
		ignored += len(l.Ignore)
	}
	var b strings.Builder
	b.WriteString("# What the face detectors find\n\nWritten by `make eval-detectors`; do not edit.\n\n")
	b.WriteString("| model | family | input | score ≥ | recall, IoU ≥ 0.35 | recall, IoU ≥ 0.5 | AP, IoU ≥ 0.5 | precision | recall |\n")
	b.WriteString("|---|---|---|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %d of %d | %d of %d | %.3f | %.3f | %.3f |\n",
			r.Model, r.Family, r.Input, r.Score, r.Hit35, r.Labelled, r.Hit50, r.Labelled, r.AP, r.Precision, r.RecallOnScenes)
	}
	fmt.Fprintf(&b, "\nThe first two recalls are on the hand-made boxes of dlib's pictures (%d pictures), at the detector's\n"+
		"default score. AP, precision and recall are on `scenes` (%d pictures, %d faces, %d boxes to ignore): AP over\n"+
		"all scores, precision and recall at the default score.\n", len(suite.HandMade), len(suite.Scenes), faces, ignored)
	if about != "" {
		b.WriteString("\n" + about + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
