package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// near fails where a pixel of got is further than tol from want's.
func near(t *testing.T, got *RGB, want image.Image, tol int) {
	t.Helper()
	if got.Bounds().Size() != want.Bounds().Size() {
		t.Fatalf("size %v, want %v", got.Bounds().Size(), want.Bounds().Size())
	}
	for y := range got.H {
		for x := range got.W {
			g := got.RGBAAt(x, y)
			w := color.RGBAModel.Convert(want.At(want.Bounds().Min.X+x, want.Bounds().Min.Y+y)).(color.RGBA)
			for _, d := range []int{int(g.R) - int(w.R), int(g.G) - int(w.G), int(g.B) - int(w.B)} {
				if d > tol || d < -tol {
					t.Fatalf("pixel (%d,%d) is %v, want %v within %d", x, y, g, w, tol)
				}
			}
		}
	}
}

func TestDecodeFormats(t *testing.T) {
	want := quarters(32, 16)
	for name, file := range encoded(t, want) {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(bytes.NewReader(file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			tol := map[string]int{"jpeg": 3, "gif": 30}[name] // GIF: the encoder's own palette
			near(t, got, want, tol)
		})
	}
}

func TestDecodeColours(t *testing.T) {
	solid := func(c color.RGBA) image.Image {
		return &image.Uniform{C: c}
	}
	encode := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	set := func(img interface {
		image.Image
		Set(x, y int, c color.Color)
	}, c color.Color,
	) []byte {
		b := img.Bounds()
		for y := range b.Dy() {
			for x := range b.Dx() {
				img.Set(x, y, c)
			}
		}
		return encode(img)
	}
	r := image.Rect(0, 0, 8, 8)
	tests := []struct {
		name string
		file []byte
		want color.RGBA
	}{
		{"16-bit RGB PNG", set(image.NewRGBA64(r), color.RGBA64{0x1234, 0x8000, 0xfedc, 0xffff}), color.RGBA{0x12, 0x80, 0xfe, 255}},
		{"16-bit grey PNG", set(image.NewGray16(r), color.Gray16{0x4567}), color.RGBA{0x45, 0x45, 0x45, 255}},
		{"palette PNG", set(image.NewPaletted(r, color.Palette{color.Black, color.RGBA{9, 8, 7, 255}}), color.RGBA{9, 8, 7, 255}), color.RGBA{9, 8, 7, 255}},
		// Half transparent red over white: 255·½ + 255·½, 0·½ + 255·½.
		{"alpha PNG over white", set(image.NewNRGBA(r), color.NRGBA{255, 0, 0, 128}), color.RGBA{255, 127, 127, 255}},
		{"transparent PNG", set(image.NewNRGBA(r), color.NRGBA{}), color.RGBA{255, 255, 255, 255}},
		{"WebP", solidWebP(8, 8, color.NRGBA{10, 20, 30, 255}), color.RGBA{10, 20, 30, 255}},
		{"alpha WebP over white", solidWebP(8, 8, color.NRGBA{0, 0, 0, 51}), color.RGBA{204, 204, 204, 255}},
		{"grey JPEG", solidJPEG([]uint8{77}, -1), color.RGBA{77, 77, 77, 255}},
		{"RGB JPEG (Adobe transform 0)", solidJPEG([]uint8{10, 100, 200}, 0), color.RGBA{10, 100, 200, 255}},
		// Adobe stores the inks inverted: red = C·K/255.
		{"CMYK JPEG (Adobe transform 0)", solidJPEG([]uint8{200, 100, 50, 255}, 0), color.RGBA{200, 100, 50, 255}},
		{"CMYK JPEG with black", solidJPEG([]uint8{200, 100, 50, 102}, 0), color.RGBA{80, 40, 20, 255}},
		// Y=128, Cb=Cr=128 is grey 128 in the three inverted inks.
		{"YCCK JPEG (Adobe transform 2)", solidJPEG([]uint8{128, 128, 128, 255}, 2), color.RGBA{128, 128, 128, 255}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Decode(bytes.NewReader(tt.file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.W != 8 || got.H != 8 {
				t.Fatalf("%v, want 8×8", got)
			}
			u := solid(tt.want).(*image.Uniform)
			for i := range 64 {
				near(t, got.Crop(image.Rect(i%8, i/8, i%8+1, i/8+1)), FromImage(sub{u}), 1)
			}
		})
	}
}

// sub is one pixel of an endless image.
type sub struct{ *image.Uniform }

func (sub) Bounds() image.Rectangle { return image.Rect(0, 0, 1, 1) }

func TestDecodeGIFFirstFrame(t *testing.T) {
	// The first frame covers a part of the canvas; the second must not show.
	pal := color.Palette{color.RGBA{50, 60, 70, 255}, color.RGBA{1, 2, 3, 255}}
	second := image.NewPaletted(image.Rect(0, 0, 4, 3), pal)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	anim := &gif.GIF{
		Image:  []*image.Paletted{image.NewPaletted(image.Rect(1, 1, 3, 2), pal), second},
		Delay:  []int{1, 1},
		Config: image.Config{Width: 4, Height: 3, ColorModel: pal},
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, anim); err != nil {
		t.Fatal(err)
	}
	got, err := Decode(&b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := Filled(4, 3, [3]uint8{255, 255, 255})
	want.Fill(image.Rect(1, 1, 3, 2), [3]uint8{50, 60, 70})
	near(t, got, want, 0)
}

func TestDecodeOrientation(t *testing.T) {
	stored := quarters(32, 16)
	files := encoded(t, stored)
	for o := Normal; o <= RotateCounter; o++ {
		want := Upright(stored, o)
		for name, file := range map[string][]byte{
			"jpeg": jpegWithEXIF(files["jpeg"], o), "png": pngWithEXIF(files["png"], o),
		} {
			got, err := Decode(bytes.NewReader(file), Options{})
			if err != nil {
				t.Fatalf("%s, orientation %d: %v", name, o, err)
			}
			near(t, got, want, 3)
			asStored, err := Decode(bytes.NewReader(file), Options{AsStored: true})
			if err != nil {
				t.Fatal(err)
			}
			near(t, asStored, stored, 3)
		}
	}
}

func TestUpright(t *testing.T) {
	// Where pixel (x, y) of the stored w×h picture goes, from the EXIF standard's
	// words for which side row 0 and column 0 are.
	const w, h = 5, 3
	to := map[Orientation]func(x, y int) (int, int){
		Normal:          func(x, y int) (int, int) { return x, y },
		FlipHorizontal:  func(x, y int) (int, int) { return w - 1 - x, y },
		Rotate180:       func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		FlipVertical:    func(x, y int) (int, int) { return x, h - 1 - y },
		Transpose:       func(x, y int) (int, int) { return y, x },
		RotateClockwise: func(x, y int) (int, int) { return h - 1 - y, x },
		Transverse:      func(x, y int) (int, int) { return h - 1 - y, w - 1 - x },
		RotateCounter:   func(x, y int) (int, int) { return y, w - 1 - x },
	}
	p := New(w, h)
	for i := range p.Pix {
		p.Pix[i] = uint8(i)
	}
	for o, f := range to {
		q := Upright(p, o)
		for y := range h {
			for x := range w {
				ux, uy := f(x, y)
				if got, want := q.RGBAAt(ux, uy), p.RGBAAt(x, y); got != want {
					t.Errorf("orientation %d: stored (%d,%d) should be at (%d,%d): got %v, want %v", o, x, y, ux, uy, got, want)
				}
			}
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	files := encoded(t, quarters(64, 64))
	wide := append([]byte{}, files["bmp"]...)
	binary.LittleEndian.PutUint32(wide[18:], 1<<30)
	tests := []struct {
		name string
		file []byte
		opts Options
		is   error
		says string
	}{
		{"empty", nil, Options{}, ErrFormat, "the file is empty, want JPEG, PNG, GIF, WebP, BMP or TIFF"},
		{"text", []byte("hello, this is text"), Options{}, ErrFormat, "got 19 bytes of text/plain"},
		{"truncated JPEG", files["jpeg"][:len(files["jpeg"])-8], Options{}, ErrDamaged, "JPEG of 64×64"},
		{"truncated PNG", files["png"][:len(files["png"])-20], Options{}, ErrDamaged, "PNG of 64×64"},
		{"truncated GIF", files["gif"][:len(files["gif"])/2], Options{}, ErrDamaged, "GIF of 64×64"},
		{"truncated BMP", files["bmp"][:len(files["bmp"])/2], Options{}, ErrDamaged, "BMP of 64×64"},
		{"truncated TIFF", files["tiff"][:20], Options{}, ErrDamaged, "TIFF"},
		{"JPEG of one marker", []byte("\xff\xd8\xff"), Options{}, ErrDamaged, "JPEG header"},
		{"absurd width", wide, Options{}, ErrTooLarge, "1073741824"},
		{"too many pixels", files["png"], Options{MaxPixels: 64*64 - 1}, ErrTooLarge, "at most 4095"},
		{"too much memory", files["png"], Options{MaxMemory: 64 * 64 * 6}, ErrTooLarge, "to decode"},
		{"file too long", files["png"], Options{MaxFile: 50}, ErrTooLarge, "more than 50 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "some.jpg")
			if err := os.WriteFile(path, tt.file, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path, tt.opts)
			if !errors.Is(err, tt.is) {
				t.Fatalf("error %v, want %v", err, tt.is)
			}
			for _, part := range []string{path, tt.says} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q is longer than a line", err)
			}
		})
	}
}

func TestDecodeWide(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30_000, 40))); err != nil {
		t.Fatal(err)
	}
	p, err := Decode(&b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.W != 30_000 || p.H != 40 {
		t.Errorf("%v, want 30000×40", p)
	}
}

func TestWebPInnerSize(t *testing.T) {
	// An extended file whose header says 1×1 and whose pixels are 16384×16384.
	inner := solidWebP(1<<14, 1<<14, color.NRGBA{A: 255})[12:]
	body := append([]byte("WEBPVP8X\x0a\x00\x00\x00"), make([]byte, 10)...)
	body = append(body, inner...)
	file := append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
	if _, err := Decode(bytes.NewReader(file), Options{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v, want %v", err, ErrTooLarge)
	}
}

func TestBytesPerPixel(t *testing.T) {
	plain := encoded(t, quarters(8, 8))
	interlaced := slices.Clone(plain["png"])
	interlaced[8+8+12] = 1 // by Adam7
	three, four := solidJPEG([]uint8{1, 2, 3}, -1), solidJPEG([]uint8{1, 2, 3, 4}, 0)
	halved := slices.Clone(three)
	at := bytes.Index(halved, []byte{0xff, 0xc0})
	halved[at+11] = 0x22 // the first component has twice the samples each way: 4:2:0
	progressive := slices.Clone(halved)
	progressive[at+1] = 0xc2
	tests := []struct {
		name  string
		file  []byte
		pixel int
		want  int
	}{
		{"PNG", plain["png"], 4, 4},
		{"interlaced PNG", interlaced, 4, 8},
		{"GIF", plain["gif"], 1, 1},
		{"TIFF", plain["tiff"], 4, 8},
		{"JPEG 4:4:4", three, 3, 3},
		{"JPEG 4:2:0", halved, 3, 2},                   // 1.5
		{"progressive JPEG 4:2:0", progressive, 3, 8},  // 1.5 · 5
		{"CMYK JPEG", four, 4, 8},                      // components and pixels
		{"JPEG without a frame", three[:30], 3, 3 * 5}, // the worst
	}
	for _, tt := range tests {
		if got := sniff(tt.file).perPixel(tt.file, tt.pixel); got != tt.want {
			t.Errorf("%s: %d bytes a pixel, want %d", tt.name, got, tt.want)
		}
	}
}

// FuzzDecode: any bytes give pixels or an error, within the limits.
func FuzzDecode(f *testing.F) {
	for _, file := range encoded(f, quarters(16, 8)) {
		f.Add(file)
		f.Add(file[:len(file)*2/3])
	}
	f.Add(jpegWithEXIF(encoded(f, quarters(16, 8))["jpeg"], RotateClockwise))
	f.Add(solidJPEG([]uint8{1, 2, 3, 4}, 2))
	f.Add(solidWebP(3, 2, color.NRGBA{1, 2, 3, 4}))
	opts := Options{MaxPixels: 1 << 20, MaxMemory: 16 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(bytes.NewReader(data), opts)
		if err != nil {
			return
		}
		if p.W < 1 || p.H < 1 || p.W*p.H > opts.MaxPixels || len(p.Pix) != 3*p.W*p.H {
			t.Errorf("%v with %d bytes of pixels", p, len(p.Pix))
		}
	})
}
