package music

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Rate is the samples of a second that [Tune.WriteWAV] writes.
const Rate = 22050

// mostSeconds bounds the length of a recording.
const mostSeconds = 600

// WriteWAV writes the tune as it is played on a plucked string: a WAV file of 16 bits, one
// channel, [Rate] samples a second.
func (t *Tune) WriteWAV(w io.Writer) error {
	length := t.Seconds()
	if length > mostSeconds {
		return fmt.Errorf("music: the tune is %.0f s long, expected at most %d", length, mostSeconds)
	}
	const tail = 0.6 // seconds in which the last note fades
	sound := make([]float32, int((length+tail)*Rate)+1)
	for _, n := range t.Played() {
		for _, p := range n.Pitches {
			pluck(sound, seconds(n.Start), seconds(n.Ticks), p)
		}
	}
	loudest := float32(1e-9)
	for _, v := range sound {
		loudest = max(loudest, v, -v)
	}
	const full = 0.9 * math.MaxInt16
	data := make([]byte, 0, 44+2*len(sound))
	data = append(data, wavHeader(len(sound))...)
	for _, v := range sound {
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(v/loudest*full)))
	}
	_, err := w.Write(data)
	return err
}

// wavHeader is what stands before the samples.
func wavHeader(samples int) []byte {
	const format, channels, bytes = 1, 1, 2 // whole numbers
	size := uint32(samples * bytes)
	h := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, 36+size)...)
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, format)
	h = binary.LittleEndian.AppendUint16(h, channels)
	h = binary.LittleEndian.AppendUint32(h, Rate)
	h = binary.LittleEndian.AppendUint32(h, Rate*channels*bytes)
	h = binary.LittleEndian.AppendUint16(h, channels*bytes)
	h = binary.LittleEndian.AppendUint16(h, 8*bytes)
	h = append(h, "data"...)
	return binary.LittleEndian.AppendUint32(h, size)
}

// pluck adds a note to a recording: harmonics that fade, the higher the quicker. When the
// next note comes the string is damped.
func pluck(sound []float32, start, length float64, pitch int) {
	const (
		harmonics      = 8
		attack, damp   = 0.004, 0.08 // seconds
		slowest, more  = 1.5, 0.9    // fading, per second, of the first harmonic and for each one above
		reference, a4  = 440.0, 69   // Hz of MIDI's number
		halfTonesInOct = 12
	)
	hz := reference * math.Pow(2, float64(pitch-a4)/halfTonesInOct)
	from := int(start * Rate)
	n := min(int((length+damp)*Rate), len(sound)-from)
	for k := 1; k <= harmonics && hz*float64(k) < Rate/2; k++ {
		// a vector that turns and shrinks: no sine for each sample
		turn, fade := 2*math.Pi*hz*float64(k)/Rate, math.Exp(-(slowest+more*float64(k))/Rate)
		c, s := math.Cos(turn)*fade, math.Sin(turn)*fade
		x, y := math.Pow(float64(k), -1.3), 0.0
		for i := range n {
			x, y = x*c-y*s, x*s+y*c
			at := float64(i) / Rate
			loud := min(at/attack, 1)
			if over := at - length; over > 0 {
				loud *= 1 - over/damp
			}
			sound[from+i] += float32(y * loud)
		}
	}
}
