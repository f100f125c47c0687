package picture

import (
	"errors"
	"fmt"
	"image"
	"io"
	"net/http"
	"os"
	"strings"
)

// Options bounds what [Decode] and [Open] accept. The zero value stands for the
// defaults.
type Options struct {
	// MaxPixels is the largest width times height, 128 Mi pixels by default.
	MaxPixels int
	// MaxMemory is the largest number of bytes that decoding may need at once
	// by what the header says, 768 MiB by default: a progressive JPEG or a 16-bit
	// PNG takes several times the room of a baseline JPEG of the same size.
	MaxMemory int
	// MaxFile is the largest size of an encoded file in bytes, 256 MiB by
	// default.
	MaxFile int
	// AsStored leaves the pixels as stored instead of turning them upright by
	// the EXIF orientation.
	AsStored bool
}

const (
	defaultMaxPixels = 128 << 20
	defaultMaxMemory = 768 << 20
	defaultMaxFile   = 256 << 20
	// maxSide keeps products of two sides far from overflow.
	maxSide = 1 << 28
)

func (o Options) withDefaults() Options {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&o.MaxPixels, defaultMaxPixels)
	set(&o.MaxMemory, defaultMaxMemory)
	set(&o.MaxFile, defaultMaxFile)
	return o
}

// Reasons for which a file is refused; errors of [Decode] and [Open] wrap one
// where it applies.
var (
	// ErrFormat: the bytes are not a picture of a known format.
	ErrFormat = errors.New("not a picture")
	// ErrTooLarge: the picture is beyond the limits in [Options].
	ErrTooLarge = errors.New("picture too large")
	// ErrDamaged: the format is known, but the data are cut off or broken.
	ErrDamaged = errors.New("picture damaged")
)

// Open decodes the picture in a file; see [Decode]. Errors name the file.
func Open(path string, opts Options) (*RGB, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return nil, fmt.Errorf("picture: %s: is a folder, want a picture file", path)
	}
	p, err := decode(f, opts.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("picture: %s: %w", path, err)
	}
	return p, nil
}

// Decode reads a JPEG (baseline or progressive; grey, YCbCr, RGB, CMYK or
// YCCK), PNG, GIF (its first frame), WebP, BMP or TIFF picture and returns its
// pixels, upright by the EXIF orientation. Deeper pixels are cut to 8 bits,
// transparent ones laid over white; colour profiles are not applied. The format
// is told from the content.
func Decode(r io.Reader, opts Options) (*RGB, error) {
	p, err := decode(r, opts.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return p, nil
}

func decode(r io.Reader, opts Options) (*RGB, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(opts.MaxFile)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading: %w", err)
	case len(data) == 0:
		return nil, fmt.Errorf("%w: the file is empty, want %s", ErrFormat, formatNames())
	case len(data) > opts.MaxFile:
		return nil, fmt.Errorf("%w: the file has more than %d bytes", ErrTooLarge, opts.MaxFile)
	}
	f := sniff(data)
	if f == nil {
		return nil, fmt.Errorf("%w: want %s, got %d bytes of %s", ErrFormat, formatNames(), len(data), http.DetectContentType(data))
	}
	cfg, err := guard(func() (image.Config, error) { return f.config(data) })
	if err != nil {
		return nil, fmt.Errorf("%w: %s header: %w", ErrDamaged, f.name, err)
	}
	turn := Normal
	if !opts.AsStored {
		turn = orientation(f, data)
	}
	if err := checkSize(f, data, cfg, turn, opts); err != nil {
		return nil, err
	}
	img, err := guard(func() (image.Image, error) { return f.decode(data) })
	if err != nil {
		return nil, fmt.Errorf("%w: %s of %d×%d: %w", ErrDamaged, f.name, cfg.Width, cfg.Height, err)
	}
	if b := img.Bounds(); b.Dx() != cfg.Width || b.Dy() != cfg.Height {
		return nil, fmt.Errorf("%w: %s header says %d×%d, its pixels are %d×%d", ErrDamaged, f.name, cfg.Width, cfg.Height, b.Dx(), b.Dy())
	}
	return Upright(FromImage(img), turn), nil
}

// checkSize refuses what the header says would not fit the limits.
func checkSize(f *format, data []byte, cfg image.Config, turn Orientation, opts Options) error {
	w, h := cfg.Width, cfg.Height
	if w <= 0 || h <= 0 {
		return fmt.Errorf("%w: %s header says %d×%d pixels", ErrDamaged, f.name, w, h)
	}
	if w > maxSide || h > maxSide || w*h > opts.MaxPixels {
		return fmt.Errorf("%w: %s of %d×%d pixels, at most %d are allowed", ErrTooLarge, f.name, w, h, opts.MaxPixels)
	}
	// The decoder's own pixels and ours live at the same time, and those that are
	// turned upright perhaps before the first are collected.
	perPixel := f.bytesPerPixel(data, cfg) + 3
	if turn != Normal {
		perPixel += 3
	}
	if need := w * h * perPixel; need > opts.MaxMemory {
		return fmt.Errorf("%w: %s of %d×%d pixels needs %d MiB to decode, at most %d are allowed",
			ErrTooLarge, f.name, w, h, need>>20, opts.MaxMemory>>20)
	}
	return nil
}

// guard calls a decoder that was not written here and turns a panic on hostile
// data into an error.
func guard[T any](decode func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decoder failed: %v", r)
		}
	}()
	return decode()
}

func formatNames() string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
