package face

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"image"
	"image/png"
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// FuzzDetect: whatever the file and whatever the model says, there are finite
// boxes above the threshold, the best first, or an error.
func FuzzDetect(f *testing.F) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 20, 10))); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes(), []byte{0, 0, 0x80, 0x3f, 0, 0, 0x80, 0xbf}, uint8(0)) // 1, −1
	f.Add(file.Bytes(), []byte{0, 0, 0xc0, 0x7f}, uint8(1))                   // NaN
	f.Add(file.Bytes(), []byte{0, 0, 0x80, 0x7f, 1}, uint8(2))                // +Inf
	f.Add([]byte("GIF89a"), []byte{}, uint8(3))
	limits := picture.Options{MaxPixels: 1 << 16, MaxMemory: 4 << 20}
	f.Fuzz(func(t *testing.T, file, floats []byte, kind uint8) {
		p, err := picture.Decode(bytes.NewReader(file), limits)
		if err != nil {
			return
		}
		s := []*fake{fakeYuNet(64, 64), fakeUltraLight(64, 64), fakeBlazeFace(128, 896, true), fakeYuNet(-1, -1)}[kind%4]
		s.run = func(in *tensor.Tensor) map[string]tensor.Value {
			answer := s
			if kind%4 == 3 {
				answer = fakeYuNet(in.Dim(3), in.Dim(2))
			}
			for _, values := range answer.zeros(t) {
				for i := range values {
					if len(floats) >= 4 {
						at := 4 * (i % (len(floats) / 4))
						values[i] = math.Float32frombits(binary.LittleEndian.Uint32(floats[at:]))
					}
				}
			}
			return answer.answer
		}
		d := s.open(t, Options{LongestSide: 64})
		faces, err := d.Detect(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, face := range faces {
			if !face.finite() || !(face.Score >= d.Options().Score) || face.Box.Area() == 0 {
				t.Errorf("face %v", face)
			}
		}
		if !slices.IsSortedFunc(faces, func(a, b Face) int { return cmp.Compare(b.Score, a.Score) }) {
			t.Errorf("not sorted: %v", faces)
		}
	})
}
