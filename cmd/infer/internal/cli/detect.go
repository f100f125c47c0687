package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
)

// detection is what the command does with each picture.
type detection struct {
	app        *app
	detector   *face.Detector
	draw, crop string // folders; "" for none
	asJSON     bool
	used       map[string]bool // names of files written
}

func newDetect(a *app) *cobra.Command {
	var (
		model, engine string
		threads       int
		opts          face.Options
		d             = detection{app: a, used: map[string]bool{}}
	)
	cmd := &cobra.Command{
		Use:   "detect IMG…",
		Short: "Find faces in pictures",
		Long: `Finds faces in pictures: files, folders, globs, or - for standard input. The pictures
may be JPEG, PNG, GIF, WebP, BMP or TIFF; boxes and landmarks are in pixels of the
upright picture. What kind of detector the model is, is told from the model itself.

A picture that cannot be read is reported, the others go on, and the exit code is 1.`,
		Example: `  infer detect photo.jpg
  infer detect --model yunet_n_320_320.onnx photo.jpg
  infer detect --model version-RFB-320.onnx --draw out photos/
  cat photo.jpg | infer detect --model retinaface_mbnet0.25.onnx --json -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := pictureFiles(args)
			if err != nil {
				return err
			}
			s, err := a.openSession(cmd.Context(), model, engine, runtime.Options{Threads: threads})
			if err != nil {
				return err
			}
			defer s.Close()
			if d.detector, err = face.Open(cmd.Context(), s, opts); err != nil {
				return fmt.Errorf("%s: %w", model, err)
			}
			for _, dir := range []string{d.draw, d.crop} {
				if dir == "" {
					continue
				}
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
			}
			return d.all(cmd.Context(), files)
		},
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", defaultModel("detect"), "model file or folder, or the name of one that comes with the program")
	engineFlag(cmd, &engine)
	threadsFlag(cmd, &threads)
	f.Float64Var(&opts.Score, "score", 0, "least score of a face; 0 for the model's own")
	f.Float64Var(&opts.IoU, "nms", 0, "overlap from which two boxes are one face; 0 for the model's own")
	f.IntVar(&opts.LongestSide, "longest-side", 0, "most pixels that a model of dynamic size sees; 0 for 1024")
	f.StringVar(&d.draw, "draw", "", "write the pictures with the faces drawn in to this folder")
	f.StringVar(&d.crop, "crop", "", "write the faces to this folder")
	f.BoolVar(&d.asJSON, "json", false, "print an object for each picture")
	return cmd
}

// all goes over the pictures. One that fails does not stop the others.
func (d *detection) all(ctx context.Context, files []string) error {
	bar := d.app.newProgress(len(files), "pictures")
	failed := 0
	var last error
	for i, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := d.one(ctx, file); err != nil {
			failed, last = failed+1, err
			if len(files) > 1 {
				d.app.printf("infer: %s\n", strings.Join(strings.Fields(err.Error()), " "))
			}
		}
		bar.set(i + 1)
	}
	bar.done()
	if failed > 0 && len(files) > 1 {
		return fmt.Errorf("%d of %d pictures failed", failed, len(files))
	}
	return last
}

// faceLine is a face as it is printed.
type faceLine struct {
	Box       [4]float64   `json:"box"`
	Score     float64      `json:"score"`
	Landmarks [][2]float64 `json:"landmarks"`
}

func (d *detection) one(ctx context.Context, file string) error {
	p, err := openPicture(file, d.app.In)
	if err != nil {
		return err
	}
	faces, err := d.detector.Detect(ctx, p)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	lines := make([]faceLine, len(faces))
	for i, f := range faces {
		lines[i] = faceLine{Box: [4]float64{f.Box.X1, f.Box.Y1, f.Box.X2, f.Box.Y2}, Score: f.Score, Landmarks: [][2]float64{}}
		for _, m := range f.Landmarks {
			lines[i].Landmarks = append(lines[i].Landmarks, [2]float64{m.X, m.Y})
		}
	}
	if err := d.write(file, p, faces); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if d.asJSON {
		return json.NewEncoder(d.app.Out).Encode(struct {
			File   string     `json:"file"`
			Width  int        `json:"width"`
			Height int        `json:"height"`
			Faces  []faceLine `json:"faces"`
		}{file, p.W, p.H, lines})
	}
	d.app.printf("%s: %d×%d, %s\n", file, p.W, p.H, count(len(faces), "face"))
	for _, l := range lines {
		d.app.printf("  %.3f  [%.1f %.1f %.1f %.1f]\n", l.Score, l.Box[0], l.Box[1], l.Box[2], l.Box[3])
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// write draws and crops, where that was asked for. The crops are cut out before
// anything is drawn.
func (d *detection) write(file string, p *picture.RGB, faces []face.Face) error {
	stem := d.stem(file)
	if d.crop != "" {
		for i, f := range faces {
			cut := image.Rect(int(math.Floor(f.Box.X1)), int(math.Floor(f.Box.Y1)), int(math.Ceil(f.Box.X2)), int(math.Ceil(f.Box.Y2)))
			cut = cut.Intersect(p.Bounds())
			if cut.Empty() {
				continue
			}
			part := picture.FromImage(view{p, cut})
			if err := writePNG(filepath.Join(d.crop, fmt.Sprintf("%s-%d.png", stem, i+1)), part); err != nil {
				return err
			}
		}
	}
	if d.draw == "" {
		return nil
	}
	const width, radius = 2, 2.5 // pixels
	for _, f := range faces {
		p.Box(f.Box.X1, f.Box.Y1, f.Box.X2, f.Box.Y2, width, [3]uint8{0, 255, 0})
		for _, m := range f.Landmarks {
			p.Dot(m.X, m.Y, radius, [3]uint8{255, 0, 0})
		}
	}
	return writePNG(filepath.Join(d.draw, stem+".png"), p)
}

// view is a part of a picture.
type view struct {
	image.Image
	part image.Rectangle
}

// Bounds is the part.
func (v view) Bounds() image.Rectangle { return v.part }

// stem is the name, without extension, of the files that are written for a
// picture: its own, with a number where two pictures share it.
func (d *detection) stem(file string) string {
	base := "stdin"
	if file != stdin {
		base = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	name := base
	for i := 2; d.used[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	d.used[name] = true
	return name
}

func writePNG(path string, p image.Image) error {
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, p) })
}
