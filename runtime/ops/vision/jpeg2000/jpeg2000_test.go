package jpeg2000

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rgb are the pixels of an image, as [height, width, 3].
func rgb(img *Image) []uint8 {
	out := make([]uint8, 0, 3*img.Width*img.Height)
	for y := range img.Height {
		for x := range img.Width {
			for c := range 3 {
				if len(img.Components) < 3 {
					c = 0
				}
				out = append(out, img.Components[c].At8(x, y))
			}
		}
	}
	return out
}

// pngRGB are the pixels of a PNG file.
func pngRGB(t *testing.T, path string) (image.Rectangle, []uint8) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []uint8
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			out = append(out, uint8(r>>8), uint8(g>>8), uint8(b>>8))
		}
	}
	return img.Bounds(), out
}

// TestDecode compares with what OpenJPEG, through Pillow, makes of the same files:
// the same pixels, but for a step of one here and there where the wavelet is the
// one of reals.
func TestDecode(t *testing.T) {
	files, err := filepath.Glob("testdata/*.j*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in testdata: %v", err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			img, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			bounds, want := pngRGB(t, filepath.Join("testdata", name+".png"))
			if img.Width != bounds.Dx() || img.Height != bounds.Dy() {
				t.Fatalf("size %d×%d, want %v", img.Width, img.Height, bounds)
			}
			got, worst, differ := rgb(img), 0, 0
			for i, v := range got {
				if d := max(int(v), int(want[i])) - min(int(v), int(want[i])); d > 0 {
					worst = max(worst, d)
					differ++
				}
			}
			limit := 0
			if strings.Contains(name, "lossy") {
				limit = 1
			}
			if worst > limit || differ > len(got)/100 {
				t.Errorf("%d of %d samples differ, by up to %d, want %d", differ, len(got), worst, limit)
			}
			c, err := DecodeConfig(data)
			if err != nil || c.Width != img.Width || c.Height != img.Height {
				t.Errorf("DecodeConfig = %d×%d, %v; want %d×%d", c.Width, c.Height, err, img.Width, img.Height)
			}
		})
	}
}

func TestDecodeRefusesTruncatedFiles(t *testing.T) {
	data, err := os.ReadFile("testdata/order_rpcl.jp2")
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) - 1 {
		if _, err := Decode(data[:n]); err == nil && n < len(data)-2 {
			t.Fatalf("the first %d of %d bytes decode without an error", n, len(data))
		}
	}
}

func TestUnsupportedParts(t *testing.T) {
	data, err := os.ReadFile("testdata/lossless_grey.j2k")
	if err != nil {
		t.Fatal(err)
	}
	for _, marker := range []uint16{markerRGN, markerPOC, markerPPM} {
		at := strings.Index(string(data), "\xff\x52") // before COD
		changed := slices.Concat(data[:at], []byte{byte(marker >> 8), byte(marker), 0, 4, 0, 0}, data[at:])
		if _, err := Decode(changed); !errors.Is(err, ErrUnsupported) {
			t.Errorf("marker %#x: error %v, want one that wraps ErrUnsupported", marker, err)
		}
	}
}

func TestTagTree(t *testing.T) {
	// One row of three numbers, 1, 3 and 2, as in T.800 figure B.13: the bits of the
	// root and of each node on the way, and nothing twice.
	r := &headerBits{data: []byte{0b01_1_1_001_0, 0b1_1000000}}
	tree := newTagTree(3, 1)
	for _, ask := range []struct {
		x, limit int
		want     bool
	}{{0, 1, false}, {0, 2, true}, {1, 2, false}, {1, 4, true}, {2, 2, false}, {2, 3, true}} {
		if got := tree.below(r, ask.x, 0, ask.limit); got != ask.want {
			t.Errorf("number %d below %d: %v, want %v", ask.x, ask.limit, got, ask.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.j*")
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeConfig(data)
		if err != nil || c.Width > 1<<16/c.Height {
			return
		}
		img, err := Decode(data)
		if err != nil {
			return
		}
		for i := range img.Components {
			img.Components[i].At8(img.Width-1, img.Height-1)
		}
		if img.Width != c.Width || img.Height != c.Height {
			t.Errorf("size %d×%d, the header says %d×%d", img.Width, img.Height, c.Width, c.Height)
		}
	})
}
